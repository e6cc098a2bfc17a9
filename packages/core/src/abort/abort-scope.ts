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
  /** The clock's monotonic time, of somebody who has just read it. Default: it is read. */
  readonly startMs?: number | undefined;
}

/**
 * What bounds a piece of work: it is over at a deadline, with what it is within, or when somebody says so. For hot paths: it
 * costs neither a timer nor an `AbortController` before somebody listens or asks for its `signal`. Dispose it when the work
 * has ended.
 *
 * @example
 * ```ts
 * using scope = new AbortScope({ deadlineMs: 5_000, within: options.signal });
 * using _end = scope.onOver((error) => reject(error));
 * ```
 */
export class AbortScope implements Disposable {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  /** Of its own deadline, and of all around it. */
  readonly #ownEndMs: number;
  readonly #endMs: number;
  readonly #onHalfTime: (() => void) | undefined;
  #listeners: Listeners<NetworkError> | undefined;
  #timer: Timer | undefined;
  #outer: Disposable | undefined;
  #controller: AbortController | undefined;
  #reason: unknown;
  #isOver = false;
  #isDisposed = false;

  /** @throws ValidationError if `deadlineMs` is negative or not a number, or `startMs` is none. */
  constructor(options: AbortScopeOptions = {}) {
    const { deadlineMs = NEVER, within, onHalfTime, clock, startMs } = options;
    if (!(deadlineMs >= 0)) {
      throw new ValidationError(`deadlineMs must be 0 or more, not ${deadlineMs}`);
    }
    // Its end would be no moment, and never come.
    if (Number.isNaN(startMs)) throw new ValidationError("startMs must be a number, not NaN");
    const outer = within instanceof AbortScope ? within : undefined;
    this.#clock = clock ?? (outer ? outer.#clock : systemClock);
    this.#deadlineMs = deadlineMs;
    this.#ownEndMs =
      deadlineMs === NEVER ? NEVER : (startMs ?? this.#clock.monotonicMs()) + deadlineMs;
    this.#endMs = outer ? Math.min(this.#ownEndMs, outer.#endMs) : this.#ownEndMs;
    this.#onHalfTime = onHalfTime;
    if (within instanceof AbortScope) this.#enter(within);
    else if (within) this.#listenTo(within);
    if (onHalfTime) this.#arm();
  }

  /** Aborts when the scope is over; made when it is first read. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (!this.isOver) this.#arm();
    if (this.#isOver) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get isOver(): boolean {
    if (!this.#isOver && this.#isDue()) this.#expire();
    return this.#isOver;
  }

  /** What a call rejects with that was bounded by it, see `abortedError`; undefined until it is over. */
  get error(): NetworkError | undefined {
    return this.isOver ? abortedError(this.signal) : undefined;
  }

  /**
   * What is left, also of what it is within, never negative; Infinity without a deadline.
   *
   * @param atMs the clock's monotonic time. Default: it is read.
   */
  remainingMs(atMs?: number): number {
    if (this.#endMs === NEVER) return NEVER;
    return Math.max(0, this.#endMs - (atMs ?? this.#clock.monotonicMs()));
  }

  /** It is over now. Only the first reason counts. */
  abort(reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this[Symbol.dispose]();
    this.#controller?.abort(reason);
    if (this.#listeners?.first) this.#listeners.call(abortedError(this.signal));
  }

  /** Calls back once when it is over, at once if it is; the result takes the listener away again. */
  onOver(listener: (error: NetworkError) => void): Disposable {
    if (!this.isOver) this.#arm();
    if (this.#isOver) {
      listener(abortedError(this.signal));
      return nothing;
    }
    this.#listeners ??= new Listeners();
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
    this.#isDisposed = true;
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

  /** Sets the timer, once there is somebody to be told: what ends before that needs none. */
  #arm(): void {
    if (this.#timer || this.#ownEndMs === NEVER || this.#isOver || this.#isDisposed) return;
    const halfTime = this.#onHalfTime;
    if (halfTime)
      this.#timer = this.#clock.setTimeout(() => this.#pass(halfTime), this.#deadlineMs / 2);
    else this.#setTimer();
  }

  #pass(halfTime: () => void): void {
    this.#setTimer();
    halfTime();
  }

  #setTimer(): void {
    const leftMs = Math.max(0, this.#ownEndMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimeout(() => this.#expire(), leftMs);
  }

  /** Whether its time is over, and no timer will say so. */
  #isDue(): boolean {
    if (this.#timer || this.#ownEndMs === NEVER || this.#isDisposed) return false;
    return this.#clock.monotonicMs() >= this.#ownEndMs;
  }

  #expire(): void {
    this.abort(deadlineError(this.#deadlineMs));
  }
}

const nothing: Disposable = { [Symbol.dispose]: () => {} };

function deadlineError(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`not done within its deadline of ${timeoutMs} ms`, {
    kind: "deadline",
    timeoutMs,
  });
}
