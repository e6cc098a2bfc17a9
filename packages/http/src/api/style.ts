import { isRecord, ValidationError } from "@net/core";
import type { ParameterForm } from "./description.ts";
import { isJsonType } from "./media-type.ts";

/** One `name=value` of a parameter, or a value alone. */
export type Pair = readonly [name: string, value: string];

/** A parameter's value taken apart: one value, a list, or named ones. */
export type Parts =
  | { readonly kind: "one"; readonly value: string }
  | { readonly kind: "list"; readonly values: readonly string[] }
  | { readonly kind: "named"; readonly pairs: readonly Pair[] };

/** Takes a value apart. @param what names it in errors. @throws ValidationError on values inside values. */
export function partsOf(value: unknown, form: ParameterForm, what: string): Parts {
  if (form.contentType !== undefined)
    return { kind: "one", value: asContent(value, form.contentType) };
  if (Array.isArray(value)) {
    const present = value.filter((item) => !isAbsent(item));
    return { kind: "list", values: present.map((item) => scalar(item, what)) };
  }
  if (!isRecord(value) || value instanceof Date) return { kind: "one", value: scalar(value, what) };
  const entries = Object.entries(value).filter(([, item]) => !isAbsent(item));
  return { kind: "named", pairs: entries.map(([key, item]) => [key, scalar(item, what)]) };
}

/** What is left out: nothing is written for it. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** One value as text. @throws ValidationError if it is not one. */
export function scalar(value: unknown, what: string): string {
  if (value instanceof Date) return value.toISOString();
  if (/^(string|number|bigint|boolean)$/.test(typeof value)) return String(value);
  throw new ValidationError(
    `${what} must be text, a number, true or false, a Date, or a list or an object of these`,
  );
}

function asContent(value: unknown, type: string): string {
  return isJsonType(type) ? JSON.stringify(value) : String(value);
}

/** Percent-encodes all but unreserved characters (RFC 3986 §2.3). */
export function encode(text: string): string {
  return wellFormed(text).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

function wellFormed(text: string): string {
  // Half of a surrogate pair cannot be encoded.
  return encodeURIComponent(text.toWellFormed());
}

/**
 * Leaves reserved characters as they are (RFC 6570 §3.2.3), but for those that would begin another parameter, or the
 * fragment, or mean a space.
 */
export function encodeReserved(text: string): string {
  const kept = /%(3A|2F|3F|5B|5D|40|24|2C|3B|3D)/g;
  return encode(text).replace(kept, (code) => decodeURIComponent(code));
}

/** Names and values in turn, as where an object is not exploded. */
export function flat(pairs: readonly Pair[]): readonly string[] {
  return pairs.flat();
}
