import type { Clock } from "@net/core";
import type { PortResult, ScanProgress } from "./result.ts";

/** Progress is told at most this often, in ms, and at the end. */
const PERIOD = 100;

/** Counts what a scan found, and tells it now and then. */
export class ProgressMeter {
  readonly #total: number;
  readonly #tell: ((progress: ScanProgress) => void) | undefined;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #toldMs: number;
  #done = 0;
  #open = 0;

  constructor(total: number, tell: ((progress: ScanProgress) => void) | undefined, clock: Clock) {
    this.#total = total;
    this.#tell = tell;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#toldMs = this.#startedMs;
  }

  add({ state }: PortResult): void {
    this.#done++;
    if (state === "open") this.#open++;
    if (this.#tell && this.#clock.monotonicMs() - this.#toldMs >= PERIOD) this.finish();
  }

  /** Tells how far it is now. */
  finish(): void {
    this.#toldMs = this.#clock.monotonicMs();
    const elapsedMs = this.#toldMs - this.#startedMs;
    this.#tell?.({ done: this.#done, total: this.#total, open: this.#open, elapsedMs });
  }
}
