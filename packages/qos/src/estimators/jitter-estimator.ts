import { assertAmount } from "@net/core";

/** How much one difference moves the estimate: RFC 3550 §6.4.1 (and A.8) chose 1/16 to even out noise. */
const GAIN = 1 / 16;

/**
 * Interarrival jitter: RFC 3550 §6.4.1, `J += (|D| − J) / 16`, with D the difference between one transit time and the
 * one before; here the transit is a round trip, so that the clocks of the two ends need not agree.
 */
export class JitterEstimator {
  #jitterMs = 0;
  #previousMs: number | undefined;

  /** 0 before the second sample. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** Takes one measured round trip. @throws ValidationError */
  record(rttMs: number): void {
    assertAmount(rttMs, "rttMs");
    if (this.#previousMs !== undefined) {
      this.#jitterMs += (Math.abs(rttMs - this.#previousMs) - this.#jitterMs) * GAIN;
    }
    this.#previousMs = rttMs;
  }

  /** Takes a value from elsewhere in place of its own. @throws ValidationError */
  replace(jitterMs: number): void {
    this.#jitterMs = assertAmount(jitterMs, "jitterMs");
  }
}
