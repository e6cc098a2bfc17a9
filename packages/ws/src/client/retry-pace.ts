import type { Backoff, Clock, NetworkError, Rng } from "@net/core";

export interface RetryPaceOptions {
  readonly backoff: Backoff;
  readonly resetAfter: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Counts failures in a row and says how long to wait. A connection that dies young does not start the count anew. */
export class RetryPace {
  readonly #options: RetryPaceOptions;
  #failures = 0;
  #openedMs: number | undefined;

  constructor(options: RetryPaceOptions) {
    this.#options = options;
  }

  /** The number of the attempt that comes next, or is being made. */
  get attempt(): number {
    return this.#failures + 1;
  }

  opened(): void {
    this.#openedMs = this.#options.clock.monotonicMs();
  }

  /** @returns how many attempts have failed in a row. */
  failed(): number {
    const { clock, resetAfter } = this.#options;
    if (this.#openedMs !== undefined && clock.monotonicMs() - this.#openedMs >= resetAfter) {
      this.#failures = 0;
    }
    this.#openedMs = undefined;
    return ++this.#failures;
  }

  /** A server that says when to come back is obeyed. */
  delayMs(error: NetworkError): number {
    const { retryAfterMs } = error.details;
    if (typeof retryAfterMs === "number") return retryAfterMs;
    return this.#options.backoff(this.#failures, this.#options.rng);
  }
}
