import { assertAmount } from "@net/core";

/** How much one sample moves the smoothed round trip, and its deviation: RFC 6298's alpha and beta. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
/** The finest difference the clock is trusted with: RFC 6298's G. */
const GRANULARITY_MS = 1;
/** RFC 6298 (2.1) and (2.4): the timeout before any sample, and the least one. */
const INITIAL_RTO_MS = 1_000;
const MIN_RTO_MS = 1_000;
/** RFC 6298 (2.5) allows a maximum of 60 s or more. */
const MAX_RTO_MS = 60_000;

/** Smoothed round-trip time, its mean deviation and the timeout that follows: RFC 6298 §2. */
export class RttEstimator {
  #rttMs: number | undefined;
  #rttVarMs = 0;
  #samples = 0;

  /** SRTT; undefined before the first sample. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** RTTVAR; undefined before the first sample. */
  get rttVarMs(): number | undefined {
    return this.#rttMs === undefined ? undefined : this.#rttVarMs;
  }

  /** After how long an unanswered probe counts as lost. */
  get rtoMs(): number {
    if (this.#rttMs === undefined) return INITIAL_RTO_MS;
    const rtoMs = this.#rttMs + Math.max(GRANULARITY_MS, 4 * this.#rttVarMs);
    return Math.min(MAX_RTO_MS, Math.max(MIN_RTO_MS, rtoMs));
  }

  /** How many samples it has seen. */
  get samples(): number {
    return this.#samples;
  }

  /** Takes one measured round trip. @throws ValidationError */
  record(rttMs: number): void {
    assertAmount(rttMs, "rttMs");
    this.#samples += 1;
    if (this.#rttMs === undefined) {
      this.replace(rttMs);
      return;
    }
    // The deviation first: RFC 6298 (2.3) wants it against the old smoothed value.
    const deviationMs = Math.abs(this.#rttMs - rttMs);
    this.#rttVarMs = (1 - BETA) * this.#rttVarMs + BETA * deviationMs;
    this.#rttMs = (1 - ALPHA) * this.#rttMs + ALPHA * rttMs;
  }

  /**
   * Takes a smoothed value from elsewhere in place of its own; a first one sets the deviation to half of it.
   *
   * @throws ValidationError
   */
  replace(rttMs: number): void {
    assertAmount(rttMs, "rttMs");
    if (this.#rttMs === undefined) this.#rttVarMs = rttMs / 2;
    this.#rttMs = rttMs;
  }
}
