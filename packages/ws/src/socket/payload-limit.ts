import { ValidationError } from "@net/core";

/** The `ws` library counts in signed 32-bit numbers: a larger limit would be none. */
const MAX = 2 ** 31 - 1;

/** The value, if it is a size in bytes that can be a limit. @throws ValidationError naming the option. */
export function payloadLimit(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX) return value;
  throw new ValidationError(`${name} must be a whole number from 1 to ${MAX}, not ${value}`);
}
