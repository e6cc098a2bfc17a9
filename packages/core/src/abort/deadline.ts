import type { Clock } from "../clock.ts";
import { AbortScope } from "./abort-scope.ts";

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
 * Starts a deadline `ms` from now; undefined or Infinity means none, and only `signal` counts. An {@link AbortScope} says the
 * same, and more, where signals cost too much.
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
  { clock }: DeadlineOptions = {},
): Deadline {
  return new AbortScope({ deadlineMs: ms, within: signal, clock });
}
