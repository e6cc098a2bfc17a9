import type { Clock } from "@net/core";

/** What one link may send in a second, on average. */
export interface Rates {
  readonly frames: number;
  readonly messages: number;
  readonly bytes: number;
}

/** After a quiet time so much may come at once: what two seconds allow. */
const BURST_SECONDS = 2;

/**
 * A token bucket per rate: what comes takes tokens, also those of the future, and then nothing is read until they are
 * earned. So a frame is never refused for its size, and whoever is too fast is slowed down by his own link.
 */
export class RateLimit {
  readonly #rates: Rates;
  readonly #clock: Clock;
  #atMs: number;
  readonly #left: { frames: number; messages: number; bytes: number };

  constructor(rates: Rates, clock: Clock) {
    this.#rates = rates;
    this.#clock = clock;
    this.#atMs = clock.monotonicMs();
    const { frames, messages, bytes } = rates;
    this.#left = {
      frames: frames * BURST_SECONDS,
      messages: messages * BURST_SECONDS,
      bytes: bytes * BURST_SECONDS,
    };
  }

  /** Takes what one frame holds. @returns for how many ms to read nothing. */
  take(messages: number, bytes: number): number {
    const nowMs = this.#clock.monotonicMs();
    const elapsedS = (nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    const waitS = Math.max(
      this.#spend("frames", 1, elapsedS),
      this.#spend("messages", messages, elapsedS),
      this.#spend("bytes", bytes, elapsedS),
    );
    return Math.ceil(waitS * 1_000);
  }

  /** @returns how many seconds it takes to earn what is missing. */
  #spend(what: keyof Rates, amount: number, elapsedS: number): number {
    const rate = this.#rates[what];
    if (rate === Number.POSITIVE_INFINITY) return 0;
    const earned = Math.min(rate * BURST_SECONDS, this.#left[what] + elapsedS * rate);
    this.#left[what] = earned - amount;
    return this.#left[what] >= 0 ? 0 : -this.#left[what] / rate;
  }
}
