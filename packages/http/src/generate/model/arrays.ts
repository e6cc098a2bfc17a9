import { childOf, itemsOf, type Place } from "../resolve/place.ts";
import { type Schema, unionOf, unknownSchema } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** Longer tuples would make types that nobody can read. */
const MAX_TUPLE = 32;

/** An array, or (`prefixItems`) a tuple. */
export function readArray(reader: SchemaReader, place: Place): Schema {
  const items = childOf(place, "items");
  const rest = items ? reader.read(items) : unknownSchema;
  const prefix = itemsOf(childOf(place, "prefixItems"));
  if (prefix.length === 0 || prefix.length > MAX_TUPLE) return { kind: "array", items: rest };
  const first = prefix.map((item) => reader.read(item));
  const { minItems, maxItems } = place.value as { minItems?: unknown; maxItems?: unknown };
  const required = typeof minItems === "number" ? Math.max(0, Math.min(minItems, first.length)) : 0;
  const closed =
    rest.kind === "never" || (typeof maxItems === "number" && maxItems <= first.length);
  return {
    kind: "tuple",
    items: first,
    required: Math.floor(required),
    rest: closed ? undefined : unionOf([rest]),
  };
}
