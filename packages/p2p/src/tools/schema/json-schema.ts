import { isRecord, type ValidationError, type ValidationIssue } from "@net/core";
import { invalid } from "../../names.ts";

/** A JSON Schema object: draft 2020-12, or draft-07 if `$schema` says so. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What checks values. */
export type JsonSchemaCheck = (value: unknown) => readonly ValidationIssue[];

/** The longest schema as JSON, in UTF-16 units: models read them, and peers are sent them. */
const MAX_SCHEMA_LENGTH = 65_536;
/** How deep objects and arrays of a schema may nest: far more than people write, far less than a stack holds. */
const MAX_SCHEMA_DEPTH = 64;
/** Keys that would mean something to JavaScript or to the validator instead of to JSON Schema. */
const forbiddenKey = /^__/;

/** A copy that nobody can change, of what is a JSON object within limits. @throws ValidationError naming `what`. */
export function copyJsonSchema(schema: unknown, what: string): JsonSchema {
  if (!isRecord(schema)) throw invalid(what, "a JSON Schema object");
  const copy = copyRecord(schema, what, 0);
  if (JSON.stringify(copy).length > MAX_SCHEMA_LENGTH) {
    throw invalid(what, `at most ${MAX_SCHEMA_LENGTH} characters of JSON`);
  }
  return copy;
}

function copy(value: unknown, what: string, depth: number): unknown {
  if (depth > MAX_SCHEMA_DEPTH) throw invalid(what, `nested at most ${MAX_SCHEMA_DEPTH} deep`);
  if (Array.isArray(value)) {
    return Object.freeze(Array.from(value, (item: unknown) => copy(item, what, depth + 1)));
  }
  if (isRecord(value)) return copyRecord(value, what, depth);
  if (isScalar(value)) return value;
  throw invalid(what, `JSON, and it holds a ${typeof value}`);
}

function copyRecord(
  value: Readonly<Record<string, unknown>>,
  what: string,
  depth: number,
): JsonSchema {
  if (!isPlain(value)) throw invalid(what, "JSON, and it holds an instance of a class");
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const bad = entries.find(([key]) => forbiddenKey.test(key));
  if (bad) throw invalid(what, `without keys such as ${bad[0].slice(0, 32)}`);
  return Object.freeze(
    Object.fromEntries(entries.map(([key, member]) => [key, copy(member, what, depth + 1)])),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isScalar(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || typeof value === "string" || typeof value === "boolean";
}

/** Why a schema cannot be used. */
export function unusable(what: string, why: string): ValidationError {
  return invalid(what, `a usable JSON Schema: ${why}`);
}
