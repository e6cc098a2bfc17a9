import { ValidationError } from "./errors/kinds.ts";

/** True for a finite number of 0 or more. */
export function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** True for a number from 0 to 1. */
export function isRatio(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** The value, if it is a finite number of 0 or more. @throws ValidationError naming `what`. */
export function assertAmount(value: number, what: string): number {
  if (!isAmount(value)) {
    throw new ValidationError(`${what} must be a finite number of 0 or more, not ${value}`);
  }
  return value;
}

/** The value, if it is finite and above 0. @throws ValidationError naming `what`. */
export function assertPositive(value: number, what: string): number {
  if (!isAmount(value) || value === 0) {
    throw new ValidationError(`${what} must be a finite number above 0, not ${value}`);
  }
  return value;
}

/** The value, if it is from 0 to 1. @throws ValidationError naming `what`. */
export function assertRatio(value: number, what: string): number {
  if (!isRatio(value)) {
    throw new ValidationError(`${what} must be a number from 0 to 1, not ${value}`);
  }
  return value;
}
