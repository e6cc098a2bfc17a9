import { type Clock, isRecord, type Logger, type Rng, ValidationError } from "@net/core";

// What options must be, for those who cannot ask the compiler: what is wrong must not show only when there is a
// connection, or in a timer, and an option that is spelled wrongly must not be as good as not given.

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

export const someRecord: Rule = { words: "an object", accepts: isRecord };

export const aborting: Rule = {
  words: "an AbortSignal",
  accepts: (value) => value instanceof AbortSignal,
};

export const clock: Rule = having<Clock>("a Clock", [
  ...(["nowMs", "monotonicMs", "setTimeout", "setInterval"] as const),
]);

export const logger: Rule = having<Logger>("a Logger, as pino is one", [
  ...(["trace", "debug", "info", "warn", "error", "fatal", "child"] as const),
]);

export const rng: Rule = having<Rng>("an Rng", ["next"]);

export function either(first: Rule, ...others: readonly Rule[]): Rule {
  const rules = [first, ...others];
  return {
    words: rules.map(({ words }) => words).join(", or "),
    accepts: (value) => rules.some((rule) => rule.accepts(value)),
  };
}

/** Whatever has these methods. */
function having<T>(what: string, methods: readonly (keyof T & string)[]): Rule {
  return {
    words: `${what}: something with ${methods.join(", ")}`,
    accepts: (value) => methods.every((name) => hasMethod(value, name)),
  };
}

/**
 * Refuses options that do not exist, and values that are not what they must be. What is undefined was not given.
 *
 * @param what whose options these are.
 * @param within how an option's name begins in the error: `reconnect.` in `reconnect.min`.
 * @throws ValidationError naming the option, and what it must be or which there are.
 */
export function assertOptions(
  given: unknown,
  rules: Readonly<Record<string, Rule>>,
  what: string,
  within = `${what}.`,
): void {
  if (!isRecord(given)) throw invalid(`${what} must be an object`, what);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(rules, name)) continue;
    throw invalid(
      `${what} has no option ${name}: there are ${Object.keys(rules).join(", ")}`,
      name,
    );
  }
  for (const [name, { words, accepts }] of Object.entries(rules)) {
    const value = given[name];
    if (value === undefined || accepts(value)) continue;
    throw invalid(`${within}${name} must be ${words}`, `${within}${name}`);
  }
}

function invalid(message: string, option: string): ValidationError {
  return new ValidationError(message, { issues: [{ message, path: [option] }] });
}

function hasMethod(value: unknown, name: string): boolean {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && typeof (value as Readonly<Record<string, unknown>>)[name] === "function";
}
