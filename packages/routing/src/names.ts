import { ValidationError } from "@net/core";

/** The longest peer id, capability, tool or display name, in UTF-16 units: no sensible name is longer. */
export const MAX_NAME_LENGTH = 256;
/** The most capabilities, and the most tools, of one peer. */
export const MAX_NAMES = 1_024;

/** What {@link isName} accepts, in words. */
export const NAME_RULE: string = `a string of 1 to ${MAX_NAME_LENGTH} characters, none of them a control character`;
/** What {@link areNames} accepts, in words. */
export const NAMES_RULE: string = `a list of at most ${MAX_NAMES} names, each ${NAME_RULE}`;

/** True for a text that can be an id or a name: it survives UTF-8 and cannot break a line of a log. */
export function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= MAX_NAME_LENGTH &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  );
}

/** True for a list of names. A hole in it is none: `every` alone would pass over it. */
export function areNames(value: unknown, max: number = MAX_NAMES): value is readonly string[] {
  if (!Array.isArray(value) || value.length > max) return false;
  return !value.includes(undefined) && value.every(isName);
}

/** Each name once, in code-unit order: equal sets become equal lists. */
export function nameSet(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareNames);
}

/** Code-unit order, the same on every machine, whatever its language. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The error that says what must be at `path`. What is there may be hostile, and is not repeated. */
export function invalid(rule: string, ...path: readonly (string | number)[]): ValidationError {
  const issue = { message: `must be ${rule}`, path };
  return new ValidationError(`${path.join(".")} ${issue.message}`, { issues: [issue] });
}
