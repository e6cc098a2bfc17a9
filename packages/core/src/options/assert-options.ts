import { ValidationError } from "../errors/kinds.ts";
import { isRecord } from "../json.ts";
import { invalid } from "./invalid.ts";
import { nearest } from "./nearest.ts";
import type { Rule } from "./rules.ts";

/**
 * Refuses options that do not exist, and values that are not what they must be. What is undefined was not given.
 *
 * @param what whose options these are.
 * @param nameOf how an option is called in the error. Default `what.option`.
 * @throws ValidationError naming the option, and what it must be or was meant to be.
 * @example
 * ```ts
 * const rules: Rules<TimerOptions> = { delay: readElsewhere, signal: aborting, clock };
 *
 * assertOptions(options, rules, "a timer", (name) => name);
 * ```
 */
export function assertOptions(
  given: unknown,
  rules: Readonly<Record<string, Rule>>,
  what: string,
  nameOf: (option: string) => string = (option) => `${what}.${option}`,
): void {
  assertKnown(given, rules, what);
  const values = given as Readonly<Record<string, unknown>>;
  for (const [option, rule] of Object.entries(rules)) {
    const value = values[option];
    if (value !== undefined) assertValue(value, rule, nameOf(option));
  }
}

/** The same of one value. @throws ValidationError saying what `what` must be. */
export function assertValue(value: unknown, { words, accepts }: Rule, what: string): void {
  if (!accepts(value)) throw invalid(what, words);
}

/**
 * Refuses options that do not exist: one that is spelled wrongly would else be as good as not given.
 *
 * @param known has a property for each option there is.
 * @param what whose options these are.
 * @throws ValidationError naming the nearest option.
 */
export function assertKnown(given: unknown, known: object, what: string): void {
  if (!isRecord(given)) throw invalid(what, "an object");
  const names = Object.keys(known);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, names);
  const hint = near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  const message = `${what} has no option ${unknown}: ${hint}`;
  throw new ValidationError(message, { issues: [{ message: hint, path: [unknown] }] });
}

/**
 * Refuses options of which one is missing that has no default.
 *
 * @param names those that must be given, each with a rule that says more than `readElsewhere`.
 * @throws ValidationError naming the first that is missing, and what it must be.
 */
export function assertRequired<Name extends string>(
  given: object,
  rules: Readonly<Record<Name, Rule>>,
  names: readonly NoInfer<Name>[],
  what: string,
): void {
  const values = given as Readonly<Record<string, unknown>>;
  const missing = names.find((name) => values[name] === undefined);
  if (missing === undefined) return;
  const { words } = rules[missing];
  const message = `${what} needs the option ${missing}: ${words}`;
  throw new ValidationError(message, {
    issues: [{ message: `must be ${words}`, path: [missing] }],
  });
}
