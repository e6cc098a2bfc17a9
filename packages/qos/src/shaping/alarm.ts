import type { Clock, Timer } from "@net/core";

/** One timer that follows the earliest moment somebody waits for, and is not set while nobody does. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at that moment; Infinity: not at all. An alarm set for earlier may ring then, and must be set again. */
  set(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) this.cancel();
    else if (atMs < this.#atMs) this.#start(atMs);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  #start(atMs: number): void {
    this.#timer?.cancel();
    this.#atMs = atMs;
    this.#timer = this.#clock.setTimeout(() => {
      this.cancel();
      this.#ring();
    }, atMs - this.#clock.monotonicMs());
  }
}
