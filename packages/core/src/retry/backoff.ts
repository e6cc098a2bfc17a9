import { assertAmount, assertPositive } from "../numbers.ts";
import type { Rng } from "../random.ts";

/** How long to wait before retry number `retry` (1 is the first), in ms: finite, 0 or more. */
export type Backoff = (retry: number, rng: Rng) => number;

export interface BackoffOptions {
  /** Before the first retry. Default 1000. */
  readonly initial?: number | undefined;
  /** Never longer than this. Default 30,000. */
  readonly max?: number | undefined;
  /**
   * `full` (default) draws evenly from 0 to the delay, so that clients that failed together do not come back
   * together; `none` takes the delay as it is. See Brooker, "Exponential Backoff And Jitter", AWS 2015.
   */
  readonly jitter?: "full" | "none" | undefined;
}

export interface ExponentialOptions extends BackoffOptions {
  /** Each delay is this many times the one before. Default 2. */
  readonly factor?: number | undefined;
}

/** Delays that multiply: `initial · factor^(retry − 1)`, at most `max`. @throws ValidationError */
export function exponential({ factor = 2, ...options }: ExponentialOptions = {}): Backoff {
  assertPositive(factor, "factor");
  // After a thousand tries the power is Infinity, and 0 times that is no number.
  const power = (retry: number): number => Math.min(factor ** (retry - 1), Number.MAX_VALUE);
  return backoff(options, (initial, retry) => initial * power(retry));
}

/** Delays that grow by the same step: `initial · retry`, at most `max`. @throws ValidationError */
export function linear(options: BackoffOptions = {}): Backoff {
  return backoff(options, (initial, retry) => initial * retry);
}

/** The same delay each time. @throws ValidationError */
export function fixed(options: BackoffOptions = {}): Backoff {
  return backoff(options, (initial) => initial);
}

/** Backoffs by name, with their defaults, as configuration files say them. */
export const backoffs: Readonly<Record<BackoffName, (options?: BackoffOptions) => Backoff>> = {
  exponential,
  linear,
  fixed,
};

export type BackoffName = "exponential" | "linear" | "fixed";

function backoff(
  options: BackoffOptions,
  grow: (initial: number, retry: number) => number,
): Backoff {
  const { initial = 1_000, max = 30_000, jitter = "full" } = options;
  assertAmount(initial, "initial");
  assertAmount(max, "max");
  return (retry, rng) => {
    const delay = Math.min(max, grow(initial, retry));
    return jitter === "none" ? delay : rng.next() * delay;
  };
}
