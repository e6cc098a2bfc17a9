import { ValidationError } from "@net/core";

/** The value, if it is a whole number of 1 or more. @throws ValidationError naming `what`. */
export function assertCount(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ValidationError(`${what} must be a whole number of 1 or more, not ${value}`);
}
