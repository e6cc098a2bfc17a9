import pRetry from "p-retry";
import { abortable, abortedError, throwIfAborted } from "../abort/aborted.ts";
import { type Deadline, deadline } from "../abort/deadline.ts";
import { sleep } from "../abort/sleep.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ValidationError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { assertAmount } from "../numbers.ts";
import { type Rng, systemRng } from "../random.ts";
import { type Backoff, type BackoffName, backoffs } from "./backoff.ts";

/** What one try gets to know. */
export interface Attempt {
  /** 1 for the first try. */
  readonly number: number;
  /** Aborts when the caller does, or at the deadline. */
  readonly signal: AbortSignal;
  /** Time left until the deadline; Infinity without one. */
  remainingMs(): number;
}

/** What failed, and when the next try comes. */
export interface RetryEvent {
  /** The try that failed; 1 is the first. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** Limits how many retries all calls together may make: each takes a token, successes give some back. */
export interface RetryTokens {
  /** Takes a token before a retry. False: none is left, do not retry. */
  tryTake(): boolean;
  /** A call succeeded, at whichever try. */
  giveBack(): void;
}

export interface RetryOptions {
  /** Tries after the first. Default 3; Infinity is allowed. */
  readonly retries?: number | undefined;
  /** Default `exponential`: 1 s doubling to 30 s, full jitter. */
  readonly backoff?: Backoff | BackoffName | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For all tries and waits together; default none. */
  readonly deadlineMs?: number | undefined;
  readonly budget?: RetryTokens | undefined;
  /** Default: what is a `NetworkError` with `retryable`. Programming errors are not retried. */
  readonly classify?: ((error: unknown) => "retry" | "fail") | undefined;
  /** Called before each wait. What it throws ends the retrying, and so does what `classify` or a backoff throws. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
}

/**
 * Calls `fn` until it succeeds, fails for good, or the tries or the time run out, and rejects with the last
 * error as it was thrown.
 *
 * An error with `retryAfterMs` (a `RateLimitError`, or any object with that number) is obeyed exactly instead
 * of the backoff. When a wait would reach the deadline, or never end, the error is thrown at once.
 *
 * @throws AbortedError when the signal aborts, also while `fn` is still running and ignores it.
 * @throws NetworkTimeoutError (`DEADLINE_EXCEEDED`) when the deadline passes during a try.
 * @throws ValidationError when an option, or the delay of a backoff, is out of range.
 * @example
 * ```ts
 * const link = await retry(({ signal }) => transport.dial(address, { signal }), { retries: 5, deadlineMs: 10_000 });
 * ```
 */
export async function retry<T>(
  fn: (attempt: Attempt) => PromiseLike<T> | T,
  options: RetryOptions = {},
): Promise<T> {
  const { retries = 3, clock = systemClock } = options;
  if (retries !== Number.POSITIVE_INFINITY && !(Number.isInteger(retries) && retries >= 0)) {
    throw new ValidationError(`retries must be a whole number of 0 or more, not ${retries}`);
  }
  using limit = deadline(options.deadlineMs, options.signal, { clock });
  const waits = waiting(options, limit, clock);
  try {
    const value = await pRetry((number) => attempt(fn, number, limit), {
      retries,
      minTimeout: 0,
      shouldRetry: ({ error, attemptNumber }) => waits((error as Failure).cause, attemptNumber),
    });
    options.budget?.giveBack();
    return value;
  } catch (error) {
    throw error instanceof Failure ? error.cause : error;
  }
}

/**
 * Carries what a try threw through p-retry, which refuses to retry any `TypeError` and rejects with a new
 * one for what is no `Error`. p-retry is the loop only: its delays sleep on the real timer.
 */
class Failure extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super("try failed");
    this.cause = cause;
  }
}

async function attempt<T>(
  fn: (attempt: Attempt) => PromiseLike<T> | T,
  number: number,
  limit: Deadline,
): Promise<T> {
  const { signal } = limit;
  try {
    throwIfAborted(signal);
    const running = (async () => fn({ number, signal, remainingMs: () => limit.remainingMs() }))();
    return await abortable(running, signal);
  } catch (error) {
    // An abort is an abort, also where the try was quicker to report it in its own words.
    throw new Failure(signal.aborted ? abortedError(signal) : error);
  }
}

/** Decides whether the loop goes on, and sleeps until it may. */
function waiting(
  options: RetryOptions,
  limit: Deadline,
  clock: Clock,
): (error: unknown, attempt: number) => Promise<boolean> {
  const { backoff = "exponential", classify = byRetryable, rng = systemRng, budget } = options;
  const delayOf = typeof backoff === "string" ? backoffs[backoff]() : backoff;
  return async (error, attempt) => {
    if (limit.signal.aborted || classify(error) === "fail") return false;
    const delayMs =
      retryAfterMsOf(error) ?? assertAmount(delayOf(attempt, rng), "the delay of a backoff");
    if (delayMs >= limit.remainingMs() || budget?.tryTake() === false) return false;
    options.onRetry?.({ attempt, delayMs, error });
    await sleep(delayMs, { signal: limit.signal, clock });
    return true;
  };
}

function byRetryable(error: unknown): "retry" | "fail" {
  return NetworkError.is(error) && error.retryable ? "retry" : "fail";
}

function retryAfterMsOf(error: unknown): number | undefined {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown };
  return typeof retryAfterMs === "number" && retryAfterMs >= 0 ? retryAfterMs : undefined;
}
