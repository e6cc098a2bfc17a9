import { ValidationError } from "@net/core";

const MAX_FRAME_BYTES = 2 ** 32 - 1;
const MAX_PORT = 65_535;

/** The value, if it is a whole number of 1 or more. @throws ValidationError naming the option. */
export function positiveInteger(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new ValidationError(`${name} must be a whole number of 1 or more, not ${value}`);
}

/** The value, if it is a number of bytes that a length of 32 bits can say. @throws ValidationError naming the option. */
export function frameLimit(name: string, value: number): number {
  if (positiveInteger(name, value) <= MAX_FRAME_BYTES) return value;
  throw new ValidationError(`${name} must be at most ${MAX_FRAME_BYTES}, not ${value}`);
}

/** The value, if it is a time of more than 0 ms; Infinity is none. @throws ValidationError naming the option. */
export function positiveTime(name: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new ValidationError(`${name} must be more than 0 ms, not ${value}`);
}

/** The value, if it is a TCP port that can be connected to. @throws ValidationError */
export function targetPort(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_PORT) return value;
  throw new ValidationError(
    `a port to connect to is a whole number from 1 to ${MAX_PORT}, not ${value}`,
  );
}

/** The value, if it is a TCP or UDP port; 0 asks for a free one. @throws ValidationError */
export function localPort(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_PORT) return value;
  throw new ValidationError(`port must be a whole number from 0 to ${MAX_PORT}, not ${value}`);
}

/**
 * The value, if it can be a host's name or address. Node takes an empty one for this machine, or for all its
 * addresses: an environment variable that is not set must not open a server to the world.
 *
 * @throws ValidationError
 */
export function hostName(value: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new ValidationError(`a host must be a name or an IP address, not ${JSON.stringify(value)}`);
}

/** The value, if it is `least` or more. @throws ValidationError naming the option. */
export function atLeast(least: number, name: string, value: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new ValidationError(`${name} must be ${least} or more, not ${value}`);
}

/** The value, if it is a whole number of 0 or more. @throws ValidationError naming the option. */
export function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ValidationError(`${name} must be a whole number of 0 or more, not ${value}`);
}
