import type { Clock } from "../clock.ts";
import { isRecord } from "../json.ts";
import type { Logger } from "../logger.ts";
import type { Rng } from "../random.ts";

/** What a value must be. */
export interface Rule {
  /** As they follow "must be". */
  readonly words: string;
  readonly accepts: (value: unknown) => boolean;
}

/** What every option of something must be: the compiler sees to it that none is left out. */
export type Rules<Options> = Readonly<Record<keyof Options & string, Rule>>;

/** For options whose values are checked where they are read. */
export const readElsewhere: Rule = { words: "anything", accepts: () => true };

export const flag: Rule = {
  words: "true or false",
  accepts: (value) => typeof value === "boolean",
};

export const callable: Rule = {
  words: "a function",
  accepts: (value) => typeof value === "function",
};

export const text: Rule = {
  words: "a text that is not empty",
  accepts: (value) => typeof value === "string" && value !== "",
};

/** An object that is neither null nor a list. */
export const someRecord: Rule = { words: "an object", accepts: isRecord };

export const aborting: Rule = {
  words: "an AbortSignal",
  accepts: (value) => value instanceof AbortSignal,
};

export const clock: Rule = having<Clock>("a Clock", [
  ...(["nowMs", "monotonicMs", "setTimeout", "setInterval"] as const),
]);

export const rng: Rule = having<Rng>("an Rng", ["next"]);

export const logger: Rule = having<Logger>("a Logger, as pino is one", [
  ...(["trace", "debug", "info", "warn", "error", "fatal", "child"] as const),
]);

/** A list that may be empty. @param words for all of it. */
export function listOf(each: Rule, words: string): Rule {
  return { words, accepts: (value) => Array.isArray(value) && value.every(each.accepts) };
}

/** Whatever one of the rules accepts. */
export function either(first: Rule, ...others: readonly Rule[]): Rule {
  const rules = [first, ...others];
  return {
    words: rules.map(({ words }) => words).join(", or "),
    accepts: (value) => rules.some((rule) => rule.accepts(value)),
  };
}

/** Whatever has these methods: a class of another copy of the library does as well. */
export function having<T>(what: string, methods: readonly (keyof T & string)[]): Rule {
  return {
    words: `${what}: something with ${methods.join(", ")}`,
    accepts: (value) => isObject(value) && methods.every((name) => isMethod(value, name)),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isMethod(value: Readonly<Record<string, unknown>>, name: string): boolean {
  return typeof value[name] === "function";
}
