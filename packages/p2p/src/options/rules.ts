import type { Clock, Logger, Rng, Transport } from "@net/core";
import { isRecord } from "@net/core";
import type { DeviceIdentity, OwnerTrust } from "@net/core/identity";
import { invalid } from "../names.ts";
import { assertKnown } from "./known.ts";

// What the values of options must be, in words, and how it is seen: for those who cannot ask the compiler.

/** What a value must be. */
export interface Rule {
  /** As they follow "must be". */
  readonly words: string;
  readonly accepts: (value: unknown) => boolean;
}

/** What every option of something must be. */
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

export const someRecord: Rule = { words: "an object", accepts: isRecord };

export const rawKey: Rule = {
  words: "a raw public key, 32 bytes",
  accepts: (value) => value instanceof Uint8Array && value.byteLength === 32,
};

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

const dialler = having<Transport>("a Transport", ["dial"]);

export const transport: Rule = {
  words: "a Transport: something with schemes and dial",
  accepts: (value) => dialler.accepts(value) && areTexts((value as Transport).schemes),
};

export const deviceIdentity: Rule = having<DeviceIdentity>("a DeviceIdentity", ["sign", "toPem"]);

export const ownerTrust: Rule = having<OwnerTrust>("an OwnerTrust", [
  ...(["accept", "relationTo", "isRevoked", "learn"] as const),
]);

export function listOf(each: Rule, words: string): Rule {
  return { words, accepts: (value) => Array.isArray(value) && value.every(each.accepts) };
}

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

/**
 * Refuses options that do not exist, and values that are not what they must be. What is undefined was not given.
 *
 * @param what whose options these are.
 * @param nameOf how an option is called in the error. Default `what.option`.
 * @throws ValidationError naming the option, and what it must be or was meant to be.
 */
export function assertOptions(
  given: unknown,
  rules: Readonly<Record<string, Rule>>,
  what: string,
  nameOf: (option: string) => string = (option) => `${what}.${option}`,
): void {
  assertKnown(given, rules, what);
  const values = given as Readonly<Record<string, unknown>>;
  for (const [option, { accepts, words }] of Object.entries(rules)) {
    const value = values[option];
    if (value !== undefined && !accepts(value)) throw invalid(nameOf(option), words);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isMethod(value: Readonly<Record<string, unknown>>, name: string): boolean {
  return typeof value[name] === "function";
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(text.accepts);
}
