import { childOf, entriesOf, isTrueAt, itemsOf, type Place } from "../resolve/place.ts";
import { docsOf } from "./docs.ts";
import { type ObjectSchema, type Property, type Schema, unionOf } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** An object with its properties; those that are required but not described are present, whatever they are. */
export function readObject(reader: SchemaReader, place: Place): ObjectSchema {
  const required = requiredOf(reader, place);
  const properties = readProperties(reader, place, required);
  const described = new Set(properties.map(({ name }) => name));
  const others = [...required].filter((name) => !described.has(name)).map(presentProperty);
  return {
    kind: "object",
    properties: [...properties, ...others],
    additional: additionalOf(reader, place),
  };
}

function requiredOf(reader: SchemaReader, place: Place): ReadonlySet<string> {
  const list = childOf(place, "required");
  // OpenAPI 2's habit, `required: true` on a property, says nothing here.
  if (!list || typeof list.value === "boolean") return new Set();
  const names = itemsOf(list).map(({ value }) => value);
  if (!Array.isArray(list.value) || !names.every((name) => typeof name === "string")) {
    reader.problems.at(list, "required must be a list of names");
  }
  return new Set(names.filter((name) => typeof name === "string"));
}

function readProperties(
  reader: SchemaReader,
  place: Place,
  required: ReadonlySet<string>,
): readonly Property[] {
  return entriesOf(childOf(place, "properties")).map(([name, property]) => ({
    name,
    schema: reader.read(property),
    required: required.has(name),
    readOnly: reader.isFlagged(property, "readOnly"),
    writeOnly: reader.isFlagged(property, "writeOnly"),
    docs: docsOf(property),
  }));
}

function presentProperty(name: string): Property {
  const schema: Schema = { kind: "present" };
  return { name, schema, required: true, readOnly: false, writeOnly: false, docs: {} };
}

function additionalOf(reader: SchemaReader, place: Place): ObjectSchema["additional"] {
  const additional = childOf(place, "additionalProperties");
  const patterns = entriesOf(childOf(place, "patternProperties")).map(([, schema]) => schema);
  if (isTrueAt(place, "additionalProperties")) return { kind: "unknown" };
  const described = additional && additional.value !== false ? [additional] : [];
  const all = [...described, ...patterns];
  if (all.length > 0) return unionOf(all.map((schema) => reader.read(schema)));
  return additional ? undefined : "open";
}
