import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitPermit,
  type Clock,
  type ErrorCode,
  NetworkError,
} from "@net/core";
import type { Answer } from "../wire/answer.ts";
import { PerOrigin } from "./per-origin.ts";
import type { Sender } from "./send.ts";

/** When calls to an origin are stopped because it fails, and when it is tried again. */
export type BreakerOptions = Omit<CircuitBreakerOptions, "clock" | "name" | "onChange">;

/** These say nothing about the other side. */
const own: ReadonlySet<ErrorCode> = new Set([
  "ABORTED",
  "CLOSED",
  "INVALID_ARGUMENT",
  "ADDRESS_BLOCKED",
  "OVERLOADED",
]);

/** Stops calling an origin that fails: 5xx, no connection, no answer in time. @throws ValidationError */
export function breaking(next: Sender, options: BreakerOptions, clock: Clock): Sender {
  const circuits = new PerOrigin((name) => new CircuitBreaker({ ...options, name, clock }));
  // Refuses bad numbers now, not at the first call.
  new CircuitBreaker({ ...options, clock });
  return async (call, send) => {
    const permit = circuits.of(send.target.origin).enter();
    try {
      const answer = await next(call, send);
      judge(permit, answer);
      return answer;
    } catch (error) {
      const isOwn = NetworkError.is(error) && own.has(error.code);
      if (isOwn) permit.ignored();
      else permit.failed();
      throw error;
    }
  };
}

function judge(permit: CircuitPermit, { status }: Answer): void {
  if (status >= 500) permit.failed();
  else permit.succeeded();
}
