import {
  type Backoff,
  type Clock,
  exponential,
  NetworkError,
  RetryBudget,
  type RetryBudgetOptions,
  type Rng,
  sleep,
  ValidationError,
} from "@net/core";
import type { Call } from "../call/call.ts";
import { isUnsent } from "../errors/facts.ts";
import { type Answer, discard } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";
import { PerOrigin } from "./per-origin.ts";
import { retryAfterMsOf, shouldRetryOf } from "./pushback.ts";
import type { Sender } from "./send.ts";

export interface RetryOptions {
  /** Tries after the first. Default 3. */
  readonly max?: number | undefined;
  /** Methods that may be sent twice. Default: the idempotent ones, GET, HEAD, PUT, DELETE, OPTIONS and TRACE. */
  readonly methods?: readonly string[] | undefined;
  /** Answers that another try may change. Default 408, 425, 429 and 5xx. */
  readonly statuses?: readonly number[] | undefined;
  /** Delay before the first retry in ms, doubling up to 30 s with full jitter; or delays of one's own. Default 1000. */
  readonly backoff?: number | Backoff | undefined;
  /**
   * Limits the retries of all calls to an origin together; one given here is for all origins. Default a
   * `RetryBudget` for each origin, with its defaults; false for none.
   */
  readonly budget?: RetryBudget | RetryBudgetOptions | false | undefined;
}

/** The options of retries, filled in. */
export interface RetrySettings {
  readonly max: number;
  readonly methods: ReadonlySet<string>;
  readonly isTransient: (status: number) => boolean;
  readonly backoff: Backoff;
  readonly budgetOf: ((origin: string) => RetryBudget) | undefined;
}

/** Why and when the next try comes. */
export interface RetryEvent {
  /** The try that failed; 1 is the first. */
  readonly attempt: number;
  readonly delayMs: number;
  /** The answer's status, or why there was none. */
  readonly status: number | undefined;
  readonly error: NetworkError | undefined;
}

/** Sending one of these twice is as good as once (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
]);

/** @throws ValidationError naming the option that is out of range. */
export function retrySettings(
  options: false | RetryOptions,
  clock: Clock,
  base?: RetrySettings,
): RetrySettings {
  if (options === false) return { ...(base ?? retrySettings({}, clock)), max: 0 };
  const { max = base?.max ?? 3, methods, statuses, backoff, budget } = options;
  if (!Number.isInteger(max) || max < 0) {
    throw new ValidationError(`maxRetries must be a whole number, not ${max}`);
  }
  const listed = statuses && new Set(statuses);
  return {
    max,
    methods: methods
      ? new Set(methods.map((name) => name.toUpperCase()))
      : (base?.methods ?? idempotent),
    isTransient: listed ? (status) => listed.has(status) : (base?.isTransient ?? isTransient),
    backoff: backoff === undefined ? (base?.backoff ?? exponential()) : backoffOf(backoff),
    budgetOf: budget === undefined && base ? base.budgetOf : budgets(budget, clock),
  };
}

/** Answers that another try may change: 408, 425, 429 and 5xx (529, "overloaded", among them). */
export function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

export interface RetryContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly onRetry?: ((call: Call, send: Send, event: RetryEvent) => void) | undefined;
}

/**
 * Tries again what failed for a reason that may pass, if sending it twice does no harm. The last answer or error is
 * the outcome when the tries, the time or the budget are used up.
 */
export function retrying(next: Sender, context: RetryContext): Sender {
  return async (call, send) => {
    const { retry } = call.settings;
    const budget = retry.budgetOf?.(send.target.origin);
    for (let left = retry.max; ; left--) {
      const outcome = await tried(next, call, send);
      const { answer, error } = outcome;
      if (answer && !isWorthRetry(answer, retry)) {
        budget?.giveBack();
        return answer;
      }
      const delayMs =
        left > 0 && mayRepeat(call, send, error) ? delayOf(call, outcome, context) : undefined;
      if (delayMs === undefined || budget?.tryTake() === false) {
        if (answer) return answer;
        throw error;
      }
      context.onRetry?.(call, send, {
        attempt: call.attempts,
        delayMs,
        status: answer?.status,
        error,
      });
      if (answer) discard(answer);
      await sleep(delayMs, { signal: call.signal, clock: context.clock });
    }
  };
}

type Outcome =
  | { readonly answer: Answer; readonly error: undefined }
  | { readonly answer: undefined; readonly error: NetworkError };

async function tried(next: Sender, call: Call, send: Send): Promise<Outcome> {
  try {
    return { answer: await next(call, send), error: undefined };
  } catch (error) {
    if (NetworkError.is(error)) return { answer: undefined, error };
    throw error;
  }
}

function isWorthRetry(
  { status, headers }: Answer,
  { isTransient: isListed }: RetrySettings,
): boolean {
  if (status < 400) return false;
  return shouldRetryOf(headers) ?? isListed(status);
}

/** These were refused here, at once, so as not to burden anybody: trying again would. */
const final: ReadonlySet<string> = new Set(["CIRCUIT_OPEN", "OVERLOADED"]);

function mayRepeat(call: Call, send: Send, error: NetworkError | undefined): boolean {
  if (call.failure || (error && (!error.retryable || final.has(error.code)))) return false;
  if (error && isUnsent(error)) return send.body?.isReplayable !== false;
  const isHarmless =
    call.settings.retry.methods.has(send.method) || send.headers.has("idempotency-key");
  return isHarmless && send.body?.isReplayable !== false;
}

/** Undefined if the wait would reach the deadline. */
function delayOf(
  call: Call,
  { answer }: Outcome,
  { clock, rng }: RetryContext,
): number | undefined {
  const asked = answer && retryAfterMsOf(answer.headers, clock.nowMs());
  const delayMs = asked ?? call.settings.retry.backoff(call.attempts, rng);
  return delayMs < call.remainingMs(clock.monotonicMs()) ? delayMs : undefined;
}

function backoffOf(backoff: number | Backoff): Backoff {
  if (typeof backoff === "function") return backoff;
  if (backoff >= 0 && Number.isFinite(backoff)) return exponential({ initial: backoff });
  throw new ValidationError(`retryBackoff must be 0 ms or more, not ${backoff}`);
}

function budgets(budget: RetryOptions["budget"], clock: Clock): RetrySettings["budgetOf"] {
  if (budget === false) return undefined;
  if (budget instanceof RetryBudget) return () => budget;
  const perOrigin = new PerOrigin(() => new RetryBudget({ clock, ...budget }));
  return (origin) => perOrigin.of(origin);
}
