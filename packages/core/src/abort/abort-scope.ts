import { type Clock, systemClock, type Timer } from "../clock.ts";
import { NetworkTimeoutError, ValidationError } from "../errors/kinds.ts";
import type { NetworkError } from "../errors/network-error.ts";
import { abortedError, onAbort } from "./aborted.ts";

export interface AbortScopeOptions {
  /** From now, in ms; default none. Beyond it, the scope is over with a `NetworkTimeoutError` `DEADLINE_EXCEEDED`. */
  readonly deadlineMs?: number | undefined;
  /** It is over when this is, for the same reason. */
  readonly within?: AbortSignal | AbortScope | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * What bounds a piece of work: it is over at a deadline, with what it is within, or when somebody says so. For hot paths: it
 * costs neither an `AbortController` nor a listener of one before somebody asks for its `signal`. Dispose it when the work has
 * ended.
 *
 * @example
 * ```ts
 * using scope = new AbortScope({ deadlineMs: 5_000, within: options.signal });
 * using _end = scope.onOver((error) => reject(error));
 * ```
 */
export class AbortScope implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #endMs: number;
  #timer: Timer | undefined;
  #outer: Disposable | undefined;
  #listeners: Set<(error: NetworkError) => void> | undefined;
  #controller: AbortController | undefined;
  #reason: unknown;
  #isOver = false;

  /** @throws ValidationError if `deadlineMs` is negative or not a number. */
  constructor({ deadlineMs, within, clock = systemClock }: AbortScopeOptions = {}) {
    const limitMs = deadlineMs ?? Number.POSITIVE_INFINITY;
    if (!(limitMs >= 0)) {
      throw new ValidationError(`deadlineMs must be 0 or more, not ${deadlineMs}`);
    }
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#endMs = limitMs === Number.POSITIVE_INFINITY ? limitMs : clock.monotonicMs() + limitMs;
    if (within instanceof AbortScope) this.#enter(within);
    else if (within) this.#outer = onAbort(within, () => this.abort(within.reason));
    if (limitMs === Number.POSITIVE_INFINITY || this.#isOver) return;
    this.#timer = clock.setTimeout(() => this.abort(deadlineError(limitMs)), limitMs);
  }

  /** Aborts when the scope is over; made when it is first read. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What a call rejects with that was bounded by it, see `abortedError`; undefined until it is over. */
  get error(): NetworkError | undefined {
    return this.#isOver ? abortedError(this.signal) : undefined;
  }

  /** What is left, never negative; Infinity without a deadline. */
  remainingMs(): number {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return this.#limitMs;
    return Math.max(0, this.#endMs - this.#clock.monotonicMs());
  }

  /** It is over now. Only the first reason counts. */
  abort(reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this[Symbol.dispose]();
    this.#controller?.abort(reason);
    const listeners = this.#listeners;
    if (!listeners) return;
    this.#listeners = undefined;
    const error = abortedError(this.signal);
    for (const listener of listeners) listener(error);
  }

  /** Calls back once when it is over, at once if it is; the result takes the listener away again. */
  onOver(listener: (error: NetworkError) => void): Disposable {
    if (this.#isOver) {
      listener(abortedError(this.signal));
      return nothing;
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners?.delete(listener) };
  }

  /** The promise's result, or the scope's error as soon as it is over, as `abortable` does it. */
  async bound<T>(promise: PromiseLike<T>): Promise<T> {
    const { promise: first, resolve, reject } = Promise.withResolvers<T>();
    using _listener = this.onOver(reject);
    Promise.resolve(promise).then(resolve, reject);
    return await first;
  }

  /** Neither time nor what it is within ends it any more. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#outer?.[Symbol.dispose]();
    this.#outer = undefined;
  }

  #enter(outer: AbortScope): void {
    this.#outer = outer.onOver(() => this.abort(outer.#reason));
  }
}

const nothing: Disposable = { [Symbol.dispose]: () => {} };

function deadlineError(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`not done within its deadline of ${timeoutMs} ms`, {
    kind: "deadline",
    timeoutMs,
  });
}
