import {
  type Backoff,
  type BackoffName,
  type BackoffOptions,
  exponential,
  fixed,
  linear,
} from "@net/core";
import { type RetryPolicy, readRetryPolicy } from "./policy.ts";

/** No delay is longer, unless the first one is: what core's backoffs say too. */
const MAX_DELAY = 30_000;

const NO_RETRY: RetryPolicy = { maxRetries: 0, backoff: "exponential", initialDelay: 0 };

const backoffs: Readonly<Record<BackoffName, (options: BackoffOptions) => Backoff>> = {
  exponential,
  linear,
  fixed,
};

/**
 * A policy's `retryPolicy` as core's `retry` takes it, with full jitter and delays of at most 30 s, or of `initialDelay`
 * if that is longer. Without one nothing is tried again.
 *
 * @throws ValidationError
 *
 * @example
 * ```ts
 * await retry(() => egress.send(frame, { type }), { ...retryOptions(qos.getPolicy(type).retryPolicy), signal });
 * ```
 */
export function retryOptions(policy: RetryPolicy | undefined): {
  readonly retries: number;
  readonly backoff: Backoff;
} {
  const known = policy === undefined ? NO_RETRY : readRetryPolicy("a message", policy);
  const { maxRetries, backoff, initialDelay: initial } = known;
  const max = Math.max(MAX_DELAY, initial);
  return { retries: maxRetries, backoff: backoffs[backoff]({ initial, max }) };
}
