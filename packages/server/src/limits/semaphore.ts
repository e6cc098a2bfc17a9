import { abortedError, OverloadedError, onAbort, throwIfAborted } from "@net/core";

export interface SemaphoreOptions {
  /** How many run at once. */
  readonly concurrency: number;
  /** How many may wait; more are refused. */
  readonly queue: number;
  /** Names the work in the error: "logins". */
  readonly what: string;
}

/** Lets a few run at once and some wait, in order; whoever comes beyond that is told to come back later. */
export class Semaphore {
  readonly #options: SemaphoreOptions;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #running = 0;

  constructor(options: SemaphoreOptions) {
    this.#options = options;
  }

  /**
   * Runs the work when it is its turn.
   *
   * @throws OverloadedError if the queue is full; AbortedError if the signal aborts before its turn.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    const { concurrency, queue, what } = this.#options;
    if (this.#running < concurrency) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= queue) {
      throw new OverloadedError(`too many ${what} at once: try again in a moment`);
    }
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn);
    using _listener = onAbort(signal, () => signal && this.#withdraw(turn, abortedError(signal)));
    await turn.promise;
  }

  /** The place passes to whoever waits longest, so that nobody can slip in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next.resolve();
    else this.#running--;
  }

  #withdraw(turn: PromiseWithResolvers<void>, reason: unknown): void {
    const index = this.#waiting.indexOf(turn);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    turn.reject(reason);
  }
}
