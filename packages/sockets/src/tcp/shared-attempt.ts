import { abortable } from "@net/core";

/** An attempt that several callers wait for: made once, and given up only when the last of them has gone. */
export class SharedAttempt {
  /** Resolves when it has succeeded or failed. Never rejects. */
  readonly settled: Promise<void>;
  readonly #done: Promise<void>;
  readonly #abandoned = new AbortController();
  #waiting = 0;
  #isOver = false;

  constructor(attempt: (signal: AbortSignal) => Promise<void>) {
    this.#done = attempt(this.#abandoned.signal);
    this.settled = this.#done.catch(() => {
      this.#isOver = true;
    });
  }

  /** Whether it failed, or nobody waits for it any more: who comes now needs another one. */
  get isOver(): boolean {
    return this.#isOver || this.#abandoned.signal.aborted;
  }

  /** @throws what the attempt throws; AbortedError, which ends only this caller's waiting while there are others. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    this.#waiting++;
    try {
      await abortable(this.#done, signal);
    } catch (error) {
      if (this.#waiting === 1) this.#abandoned.abort();
      throw error;
    } finally {
      this.#waiting--;
    }
  }
}
