import { childOf, itemsOf, type Place } from "../resolve/place.ts";
import { type Literal, type Schema, unionOf, unknownSchema } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** What `const` or `enum` allows; undefined if the schema has neither. */
export function readLiterals(reader: SchemaReader, place: Place): Schema | undefined {
  const constant = childOf(place, "const");
  if (constant) return literals([constant.value]);
  const list = childOf(place, "enum");
  if (!list) return undefined;
  const values = itemsOf(list).map(({ value }) => value);
  if (values.length > 0) return literals(values);
  reader.problems.at(list, "an enum must be a list of at least one value");
  return unknownSchema;
}

/** Objects and lists as constants are rare, and TypeScript has no short word for them. */
function literals(values: readonly unknown[]): Schema {
  const scalars = values.filter(isLiteral);
  const union = unionOf([{ kind: "literals", values: [...new Set(scalars)] }]);
  return scalars.length === values.length ? union : unknownSchema;
}

function isLiteral(value: unknown): value is Literal {
  if (value === null) return true;
  return typeof value === "number"
    ? Number.isFinite(value)
    : /^(string|boolean)$/.test(typeof value);
}
