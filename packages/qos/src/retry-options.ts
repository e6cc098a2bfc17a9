import {
  type Backoff,
  type BackoffName,
  type BackoffOptions,
  exponential,
  fixed,
  linear,
} from "@net/core";
import type { RetryPolicy } from "./policy.ts";

/** No delay is longer, unless the first one is: what core's backoffs say too. */
const MAX_DELAY = 30_000;

const backoffs: Readonly<Record<BackoffName, (options: BackoffOptions) => Backoff>> = {
  exponential,
  linear,
  fixed,
};

/**
 * A policy's `retryPolicy` as core's `retry` takes it, with full jitter and delays of at most 30 s, or of `initialDelay`
 * if that is longer. Without one nothing is tried again.
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
  const { maxRetries = 0, backoff = "exponential", initialDelay: initial = 0 } = policy ?? {};
  const max = Math.max(MAX_DELAY, initial);
  return { retries: maxRetries, backoff: backoffs[backoff]({ initial, max }) };
}
