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
  #frames: number;
  #messages: number;
  #bytes: number;

  constructor(rates: Rates, clock: Clock) {
    this.#rates = rates;
    this.#clock = clock;
    this.#atMs = clock.monotonicMs();
    this.#frames = rates.frames * BURST_SECONDS;
    this.#messages = rates.messages * BURST_SECONDS;
    this.#bytes = rates.bytes * BURST_SECONDS;
  }

  /** Takes what one frame holds. @returns for how many ms to read nothing. */
  take(messages: number, bytes: number): number {
    const nowMs = this.#clock.monotonicMs();
    const elapsedS = (nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    const rates = this.#rates;
    this.#frames = left(this.#frames, rates.frames, elapsedS) - 1;
    this.#messages = left(this.#messages, rates.messages, elapsedS) - messages;
    this.#bytes = left(this.#bytes, rates.bytes, elapsedS) - bytes;
    const waitS = Math.max(
      wait(this.#frames, rates.frames),
      wait(this.#messages, rates.messages),
      wait(this.#bytes, rates.bytes),
    );
    return Math.ceil(waitS * 1_000);
  }
}

/** What there is after that time. */
function left(before: number, rate: number, elapsedS: number): number {
  if (rate === Number.POSITIVE_INFINITY) return rate;
  return Math.min(rate * BURST_SECONDS, before + elapsedS * rate);
}

/** How many seconds it takes to earn what is missing. */
function wait(amount: number, rate: number): number {
  return amount >= 0 ? 0 : -amount / rate;
}
