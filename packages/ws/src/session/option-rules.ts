import {
  callable,
  clock,
  having,
  type Rule,
  type Rules,
  readElsewhere,
  someRecord,
} from "@net/core/options";
import type { ExchangeOptions } from "./options.ts";
import type { SessionStore } from "./store/store.ts";

const store: Rule = having<SessionStore>("a SessionStore, as memorySessionStore() makes one", [
  ...([
    "load",
    "reset",
    "append",
    "offer",
    "acknowledge",
    "committed",
    "commit",
    "delete",
  ] as const),
]);

const schema: Rule = {
  words: "a Standard Schema, as of Zod, Valibot or ArkType",
  accepts: (value) => (someRecord.accepts(value) || callable.accepts(value)) && isSchema(value),
};

/** Of the options that both ends have; what is a number is checked where it is read. */
export const exchangeRules: Rules<ExchangeOptions<unknown>> = {
  ...{ store, schema, window: someRecord, maxMessageBytes: readElsewhere },
  ...{ maxWaiting: readElsewhere, ping: readElsewhere, stallTimeout: readElsewhere, clock },
};

export const windowRules: Rules<NonNullable<ExchangeOptions["window"]>> = {
  ...{ messages: readElsewhere, bytes: readElsewhere },
};

function isSchema(value: unknown): boolean {
  return someRecord.accepts((value as Readonly<Record<string, unknown>>)["~standard"]);
}
