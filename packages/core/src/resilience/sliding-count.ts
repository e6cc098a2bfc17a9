import type { Clock } from "../clock.ts";

/** The window is kept in this many parts: what is older than it leaves it a part at a time. */
const PARTS = 10;

/** Sums of the last while: two of them, since what uses it compares two. Costs the same however much is counted. */
export class SlidingCount {
  readonly #clock: Clock;
  readonly #partMs: number;
  readonly #firsts: Float64Array = new Float64Array(PARTS);
  readonly #seconds: Float64Array = new Float64Array(PARTS);
  #part: number;
  #first = 0;
  #second = 0;

  constructor(clock: Clock, window: number) {
    this.#clock = clock;
    this.#partMs = window / PARTS;
    this.#part = this.#now();
  }

  get first(): number {
    this.#move();
    return this.#first;
  }

  get second(): number {
    this.#move();
    return this.#second;
  }

  add(first: number, second: number): void {
    this.#move();
    const at = this.#part % PARTS;
    this.#firsts[at] = (this.#firsts[at] ?? 0) + first;
    this.#seconds[at] = (this.#seconds[at] ?? 0) + second;
    this.#first += first;
    this.#second += second;
  }

  clear(): void {
    this.#firsts.fill(0);
    this.#seconds.fill(0);
    this.#first = 0;
    this.#second = 0;
  }

  #now(): number {
    return Math.floor(this.#clock.monotonicMs() / this.#partMs);
  }

  #move(): void {
    const now = this.#now();
    if (now === this.#part) return;
    if (now - this.#part >= PARTS) this.clear();
    else for (let part = this.#part + 1; part <= now; part++) this.#forget(part % PARTS);
    this.#part = now;
  }

  #forget(at: number): void {
    this.#first -= this.#firsts[at] ?? 0;
    this.#second -= this.#seconds[at] ?? 0;
    this.#firsts[at] = 0;
    this.#seconds[at] = 0;
  }
}
