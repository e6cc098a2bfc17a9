import { assertAmount, assertPositive, ValidationError } from "@net/core";
import type { AcceptSessionsOptions } from "./options.ts";
import type { Rates } from "./rate-limit.ts";

export interface ServerLimits {
  readonly maxSessions: number;
  readonly maxVisitors: number;
  readonly helloTimeout: number;
  readonly rates: Rates;
}

/** @throws ValidationError if one is out of range. */
export function serverLimits<Body, Tx>(options: AcceptSessionsOptions<Body, Tx>): ServerLimits {
  const { maxSessions = 10_000, maxVisitors = 1_000, helloTimeout = 5_000 } = options;
  const { maxFramesPerSecond = 20_000, maxMessagesPerSecond = 100_000 } = options;
  const { maxBytesPerSecond = 64 * 1024 * 1024 } = options;
  if (options.spread !== undefined) assertAmount(options.spread, "spread");
  return {
    maxSessions: assertPositive(maxSessions, "maxSessions"),
    maxVisitors: assertPositive(maxVisitors, "maxVisitors"),
    helloTimeout: assertPositive(helloTimeout, "helloTimeout"),
    rates: {
      frames: assertRate(maxFramesPerSecond, "maxFramesPerSecond"),
      messages: assertRate(maxMessagesPerSecond, "maxMessagesPerSecond"),
      bytes: assertRate(maxBytesPerSecond, "maxBytesPerSecond"),
    },
  };
}

/** Infinity is no limit. */
function assertRate(value: number, what: string): number {
  if (value > 0) return value;
  throw new ValidationError(`${what} must be above 0, not ${value}`);
}
