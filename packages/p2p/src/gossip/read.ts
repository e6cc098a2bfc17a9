import { isAmount, ProtocolError } from "@net/core";
import { areNames, isName, NAME_RULE } from "../names.ts";

// Reads the fields of frames that came from outside: each function gives the value, or throws a ProtocolError that says
// which field is not what it must be. The value itself, which may be hostile or secret, is not repeated.

/** A list with at least so many fields; what a later version adds after them is ignored. */
export function readFields(value: unknown, least: number, what: string): readonly unknown[] {
  if (Array.isArray(value) && value.length >= least) return value;
  throw malformed(what, `a list of ${least} fields or more`);
}

export function readList(value: unknown, most: number, what: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw malformed(what, `a list of at most ${most}`);
}

/** An id or a name. */
export function readName(value: unknown, what: string): string {
  if (isName(value)) return value;
  throw malformed(what, NAME_RULE);
}

export function readNames(value: unknown, most: number, what: string): readonly string[] {
  if (areNames(value, most)) return value;
  throw malformed(what, `a list of at most ${most} names`);
}

/** A whole number from 0 to `most`. */
export function readCount(
  value: unknown,
  what: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most) {
    return Number(value);
  }
  throw malformed(what, `a whole number from 0 to ${most}`);
}

/** A finite number of 0 or more. */
export function readAmount(value: unknown, what: string): number {
  if (isAmount(value)) return value;
  throw malformed(what, "a finite number of 0 or more");
}

/** A view of what came: to be copied by whoever keeps it, or a few bytes keep a whole batch alive. */
export function readBytes(value: unknown, what: string, length?: number): Uint8Array {
  if (value instanceof Uint8Array && (length === undefined || value.length === length))
    return value;
  throw malformed(what, length === undefined ? "a byte string" : `a byte string of ${length}`);
}

/** Bytes of their own. (`Buffer.slice` would give another view.) */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** A text of at most so many UTF-16 units; null is none. */
export function readText(value: unknown, most: number, what: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string" && value.length <= most) return value;
  throw malformed(what, `null or a text of at most ${most} characters`);
}

export function malformed(what: string, rule: string): ProtocolError {
  return new ProtocolError(`${what} is not ${rule}`);
}
