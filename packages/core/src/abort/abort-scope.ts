import { type Clock, systemClock, type Timer } from "../clock.ts";
import { NetworkTimeoutError, ValidationError } from "../errors/kinds.ts";
import type { NetworkError } from "../errors/network-error.ts";
import { abortedError, onAbort } from "./aborted.ts";
import { Listeners } from "./listeners.ts";

const NEVER: number = Number.POSITIVE_INFINITY;

export interface AbortScopeOptions {
  /** From now, in ms; default none. Beyond it, the scope is over with a `NetworkTimeoutError` `DEADLINE_EXCEEDED`. */
  readonly deadlineMs?: number | undefined;
  /** It is over when this is, for the same reason. */
  readonly within?: AbortSignal | AbortScope | undefined;
  /** Called once, when half of `deadlineMs` has passed, unless it ended before. It costs no second timer. */
  readonly onHalfTime?: (() => void) | undefined;
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
  readonly #endMs: number;
  #timer: Timer | undefined;
  #outer: Disposable | undefined;
  readonly #listeners = new Listeners<NetworkError>();
  #controller: AbortController | undefined;
  #reason: unknown;
  #isOver = false;

  /** @throws ValidationError if `deadlineMs` is negative or not a number. */
  constructor({ deadlineMs = NEVER, within, onHalfTime, clock }: AbortScopeOptions = {}) {
    if (!(deadlineMs >= 0)) {
      throw new ValidationError(`deadlineMs must be 0 or more, not ${deadlineMs}`);
    }
    const outer = within instanceof AbortScope ? within : undefined;
    this.#clock = clock ?? (outer ? outer.#clock : systemClock);
    const endMs = deadlineMs === NEVER ? NEVER : this.#clock.monotonicMs() + deadlineMs;
    this.#endMs = outer ? Math.min(endMs, outer.#endMs) : endMs;
    if (within instanceof AbortScope) this.#enter(within);
    else if (within) this.#listenTo(within);
    if (endMs === NEVER || this.#isOver) return;
    if (onHalfTime) this.#startHalves(deadlineMs, endMs, onHalfTime);
    else this.#startTimer(deadlineMs, deadlineMs);
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

  /** What is left, also of what it is within, never negative; Infinity without a deadline. */
  remainingMs(): number {
    return this.#endMs === NEVER ? NEVER : Math.max(0, this.#endMs - this.#clock.monotonicMs());
  }

  /** It is over now. Only the first reason counts. */
  abort(reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this[Symbol.dispose]();
    this.#controller?.abort(reason);
    if (!this.#listeners.isEmpty) this.#listeners.call(abortedError(this.signal));
  }

  /** Calls back once when it is over, at once if it is; the result takes the listener away again. */
  onOver(listener: (error: NetworkError) => void): Disposable {
    if (this.#isOver) {
      listener(abortedError(this.signal));
      return nothing;
    }
    return this.#listeners.add(listener);
  }

  /** The promise's result, or the scope's error as soon as it is over, as `abortable` does it. */
  bound<T>(promise: PromiseLike<T>): Promise<T> {
    const { promise: first, resolve, reject } = Promise.withResolvers<T>();
    const listener = this.onOver(reject);
    const settled = (value: T): void => {
      listener[Symbol.dispose]();
      resolve(value);
    };
    const failed = (error: unknown): void => {
      listener[Symbol.dispose]();
      reject(error);
    };
    promise.then(settled, failed);
    return first;
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

  #listenTo(signal: AbortSignal): void {
    this.#outer = onAbort(signal, () => this.abort(signal.reason));
  }

  #startTimer(deadlineMs: number, delay: number): void {
    this.#timer = this.#clock.setTimeout(() => this.abort(deadlineError(deadlineMs)), delay);
  }

  #startHalves(deadlineMs: number, endMs: number, onHalfTime: () => void): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#startTimer(deadlineMs, endMs - this.#clock.monotonicMs());
      onHalfTime();
    }, deadlineMs / 2);
  }
}

const nothing: Disposable = { [Symbol.dispose]: () => {} };

function deadlineError(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`not done within its deadline of ${timeoutMs} ms`, {
    kind: "deadline",
    timeoutMs,
  });
}
