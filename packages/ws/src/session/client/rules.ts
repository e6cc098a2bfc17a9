import { assertAmount, type Link } from "@net/core";
import {
  aborting,
  assertOptions,
  assertRequired,
  callable,
  either,
  having,
  type Rule,
  type Rules,
  readElsewhere,
  rng,
  someRecord,
  text,
} from "@net/core/options";
import { atLeast } from "../../client/validate.ts";
import { exchangeRules } from "../option-rules.ts";
import type { SessionOptions } from "./options.ts";

const rules: Rules<SessionOptions<unknown>> = {
  ...exchangeRules,
  ...{ id: text, redial: callable, token: either(text, callable) },
  ...{ reconnect: someRecord, connectTimeout: readElsewhere, signal: aborting, rng },
};

type Reconnect = NonNullable<SessionOptions["reconnect"]>;

const reconnectRules: Rules<Reconnect> = {
  ...{ min: readElsewhere, max: readElsewhere, resetAfter: readElsewhere },
};

/** What a `redial` must give. */
export const linkRule: Rule = having<Link>("a Link", [
  "receive",
  "send",
  "drained",
  "close",
  "abort",
]);

/** Checks what TypeScript cannot. @throws ValidationError naming the option and what it must be. */
export function assertSessionOptions<Body, Tx>(options: SessionOptions<Body, Tx>): void {
  assertOptions(options, rules, "a session", (name) => name);
  assertRequired(options, rules, ["id", "redial", "store"], "a session");
}

/** The delays before an attempt, with their defaults. @throws ValidationError naming the one that is wrong. */
export function reconnectDelays(given: Reconnect = {}): Required<Reconnect> {
  assertOptions(given, reconnectRules, "reconnect");
  const { min = 1_000, max = 30_000, resetAfter = 5_000 } = given;
  return {
    min: assertAmount(min, "reconnect.min"),
    max: assertAmount(max, "reconnect.max"),
    resetAfter: atLeast(0, "reconnect.resetAfter", resetAfter),
  };
}
