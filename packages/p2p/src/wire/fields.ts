import { isRecord, ProtocolError } from "@net/core";
import { areNames, isName, NAME_RULE } from "../names.ts";
import type { Header } from "./frame.ts";

// Reads the fields of a header that came from outside: each function gives the field, or throws a ProtocolError
// that names it. The value itself, which may be hostile or secret, is not repeated.

/** An id or a name. */
export function name(header: Header, field: string): string {
  return asName(header[field], field);
}

/** The same of a value that was looked up already, as is done for every call: a lookup by a name in a variable costs more. */
export function asName(value: unknown, field: string): string {
  if (!isName(value)) throw malformed(field, NAME_RULE);
  return value;
}

export function optionalName(header: Header, field: string): string | undefined {
  return asOptionalName(header[field], field);
}

export function asOptionalName(value: unknown, field: string): string | undefined {
  return value === undefined ? undefined : asName(value, field);
}

export function names(header: Header, field: string, max: number): readonly string[] {
  const value = header[field];
  if (!areNames(value, max)) throw malformed(field, `a list of at most ${max} names`);
  return value;
}

/** A text of at most `maxLength` UTF-16 units, or undefined. */
export function optionalText(header: Header, field: string, maxLength: number): string | undefined {
  const value = header[field];
  if (value === undefined) return undefined;
  if (typeof value === "string" && value.length <= maxLength) return value;
  throw malformed(field, `a string of at most ${maxLength} characters`);
}

/** A list of such texts, or undefined. */
export function optionalTexts(
  header: Header,
  field: string,
  max: number,
  maxLength: number,
): readonly string[] | undefined {
  const value = header[field];
  if (value === undefined) return undefined;
  const isText = (item: unknown): item is string =>
    typeof item === "string" && item.length <= maxLength;
  if (Array.isArray(value) && value.length <= max && value.every(isText)) return value;
  throw malformed(field, `a list of at most ${max} texts of at most ${maxLength} characters`);
}

/** A whole number from 0. */
export function count(header: Header, field: string): number {
  return asCount(header[field], field);
}

export function asCount(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw malformed(field, "a whole number");
  return Number(value);
}

/** A finite number of 0 or more, or undefined. */
export function asOptionalDuration(value: unknown, field: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw malformed(field, "a number of milliseconds");
}

export function flag(header: Header, field: string): boolean {
  const value = header[field];
  if (typeof value !== "boolean") throw malformed(field, "true or false");
  return value;
}

export function asRecord(value: unknown, field: string): Header {
  if (!isRecord(value)) throw malformed(field, "an object");
  return value;
}

/** A field that is none of ours. */
export function malformed(field: string, rule: string): ProtocolError {
  return new ProtocolError(`the field ${field} of a frame is not ${rule}`);
}
