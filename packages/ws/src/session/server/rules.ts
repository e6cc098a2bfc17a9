import {
  assertOptions,
  assertRequired,
  callable,
  type Rules,
  readElsewhere,
  rng,
} from "@net/core/options";
import { exchangeRules } from "../option-rules.ts";
import type { AcceptSessionsOptions } from "./options.ts";

const rules: Rules<AcceptSessionsOptions<unknown>> = {
  ...exchangeRules,
  ...{ authenticate: callable, onSession: callable, maxSessions: readElsewhere },
  ...{ maxVisitors: readElsewhere, helloTimeout: readElsewhere },
  ...{ maxFramesPerSecond: readElsewhere, maxMessagesPerSecond: readElsewhere },
  ...{ maxBytesPerSecond: readElsewhere, spread: readElsewhere, rng },
};

/** Checks what TypeScript cannot. @throws ValidationError naming the option and what it must be. */
export function assertServerOptions<Body, Tx>(options: AcceptSessionsOptions<Body, Tx>): void {
  assertOptions(options, rules, "acceptSessions", (name) => name);
  assertRequired(options, rules, ["store", "authenticate"], "acceptSessions");
}
