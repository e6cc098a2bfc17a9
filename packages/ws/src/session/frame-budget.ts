import type { Clock } from "@net/core";

/** How many frames a link may send: so many a second, and twice that at once after a quiet time. */
export class FrameBudget {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#left = 2 * perSecond;
    this.#atMs = clock.monotonicMs();
  }

  /** False if there is none left. */
  tryTake(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#atMs) / 1_000) * this.#perSecond;
    this.#atMs = nowMs;
    this.#left = Math.min(2 * this.#perSecond, this.#left + earned);
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
