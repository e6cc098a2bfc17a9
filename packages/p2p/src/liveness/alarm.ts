import type { Clock, Timer } from "@net/core";

/** One timer that is set again and again. It does not keep a process alive. */
export class Alarm implements Disposable {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  #isOver = false;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Whether it never rings again. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rings after so long instead of when it would have rung. */
  at(delay: number): void {
    if (this.#isOver) return;
    this.#timer?.cancel();
    this.#atMs = this.#clock.monotonicMs() + Math.max(0, delay);
    this.#timer = this.#clock.setTimeout(() => this.#due(), delay, { background: true });
  }

  /** Rings after so long at the latest. */
  byAfter(delay: number): void {
    if (this.#clock.monotonicMs() + delay < this.#atMs) this.at(delay);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #due(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
    this.#ring();
  }
}
