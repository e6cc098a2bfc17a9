import { type Clock, systemClock } from "../clock.ts";
import { NetworkTimeoutError, ValidationError } from "../errors/kinds.ts";
import { linkSignals } from "./linked-signal.ts";

/** A moment by which a call must be done. Dispose it when the call ends. */
export interface Deadline extends Disposable {
  /** Aborts at the deadline with a `NetworkTimeoutError` (`DEADLINE_EXCEEDED`), or with the signal given. */
  readonly signal: AbortSignal;
  /** What is left, never negative; Infinity without a limit. */
  remainingMs(): number;
}

export interface DeadlineOptions {
  readonly clock?: Clock | undefined;
}

/**
 * Starts a deadline `ms` from now; undefined or Infinity means none, and only `signal` counts.
 *
 * @throws ValidationError if `ms` is negative or not a number.
 * @example
 * ```ts
 * using limit = deadline(5_000, options.signal);
 * await link.drained({ signal: limit.signal });
 * ```
 */
export function deadline(
  ms?: number,
  signal?: AbortSignal,
  { clock = systemClock }: DeadlineOptions = {},
): Deadline {
  const limitMs = ms ?? Number.POSITIVE_INFINITY;
  if (!(limitMs >= 0)) throw new ValidationError(`deadlineMs must be 0 or more, not ${ms}`);
  const linked = linkSignals([signal]);
  const end = clock.monotonicMs() + limitMs;
  const expire = (): void => linked.abort(deadlineError(limitMs));
  const timer = Number.isFinite(limitMs) ? clock.setTimeout(expire, limitMs) : undefined;
  return {
    signal: linked.signal,
    remainingMs: () => Math.max(0, end - clock.monotonicMs()),
    [Symbol.dispose]: () => {
      timer?.cancel();
      linked[Symbol.dispose]();
    },
  };
}

function deadlineError(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`not done within its deadline of ${timeoutMs} ms`, {
    kind: "deadline",
    timeoutMs,
  });
}
