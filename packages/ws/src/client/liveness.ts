import type { Clock, Timer } from "@net/core";

export interface LivenessOptions {
  readonly clock: Clock;
  /** How often to ask, in ms. */
  readonly period: number;
  /** How long without an answer is too long, in ms. */
  readonly timeout: number;
  readonly ask: () => void;
  readonly onSilence: () => void;
}

/** Finds half-open connections: asks regularly for a sign of life, and minds when none comes. */
export class Liveness implements Disposable {
  readonly #options: LivenessOptions;
  readonly #asking: Timer;
  #waiting: Timer | undefined;
  #heardMs = 0;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#asking = options.clock.setInterval(options.ask, options.period, { background: true });
    this.resume();
  }

  /** The other side lives. Costs a clock reading, not a timer. */
  heard(): void {
    this.#heardMs = this.#options.clock.monotonicMs();
  }

  /** While nothing is read, silence means nothing. */
  pause(): void {
    this.#waiting?.cancel();
  }

  resume(): void {
    this.heard();
    this.#wait(this.#options.timeout);
  }

  [Symbol.dispose](): void {
    this.#asking.cancel();
    this.#waiting?.cancel();
  }

  #wait(delay: number): void {
    this.#waiting?.cancel();
    const { clock } = this.#options;
    this.#waiting = clock.setTimeout(() => this.#check(), delay, { background: true });
  }

  #check(): void {
    const { clock, timeout, onSilence } = this.#options;
    const leftMs = this.#heardMs + timeout - clock.monotonicMs();
    if (leftMs > 0) this.#wait(leftMs);
    else onSilence();
  }
}
