import type { Clock, Timer } from "@net/core";

/** A timer that rings late says that this process has more to do than it can: then the pace is so many times as slow as that. */
const LATENESS = 2;
/** But not slower than this, in ms. */
const SLOWEST = 500;

/** Runs something again and again: not more often than at its pace, once however often it was asked for. */
export class Pacer {
  readonly #clock: Clock;
  readonly #paceMs: number;
  readonly #run: () => void;
  #ranAtMs = Number.NEGATIVE_INFINITY;
  #lateMs = 0;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  /** @param paceMs between two runs at least. */
  constructor(clock: Clock, paceMs: number, run: () => void) {
    this.#clock = clock;
    this.#paceMs = paceMs;
    this.#run = run;
  }

  /** Whether the last run is so long ago that another may follow at once. */
  get isFree(): boolean {
    return this.#clock.monotonicMs() >= this.#freeAtMs;
  }

  /** Runs as soon as the pace allows. */
  soon(): void {
    if (this.isFree) this.now();
    else this.after(this.#freeAtMs - this.#clock.monotonicMs());
  }

  /** Runs after so long at the latest, in ms. */
  after(delay: number): void {
    const dueMs = this.#clock.monotonicMs() + delay;
    if (dueMs >= this.#dueMs) return;
    this.stop();
    this.#dueMs = dueMs;
    this.#timer = this.#clock.setTimeout(() => this.#ring(), delay, { background: true });
  }

  now(): void {
    this.stop();
    this.#ranAtMs = this.#clock.monotonicMs();
    this.#run();
  }

  get #freeAtMs(): number {
    return this.#ranAtMs + Math.max(this.#paceMs, Math.min(this.#lateMs * LATENESS, SLOWEST));
  }

  #ring(): void {
    this.#lateMs = Math.max(this.#clock.monotonicMs() - this.#dueMs, this.#lateMs / 2);
    this.now();
  }

  /** Whatever was asked for does not happen. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
