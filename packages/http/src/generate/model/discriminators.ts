import { childOf, entriesOf, keyOf, type Place, rootOf, stringAt } from "../resolve/place.ts";
import type { Schema } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** A property whose value tells which schema an object follows. */
export interface Discriminator {
  readonly property: string;
  /** The `discriminator` object. */
  readonly place: Place;
}

/** The discriminator of a schema; undefined if it has none. */
export function discriminatorOf(reader: SchemaReader, place: Place): Discriminator | undefined {
  const found = childOf(place, "discriminator");
  if (!found) return undefined;
  const property = stringAt(found, "propertyName");
  if (property !== undefined) return { property, place: found };
  reader.problems.at(found, "a discriminator must name its property in propertyName");
  return undefined;
}

/**
 * The values that stand for a schema: those that the mapping leads to it, else its name. Undefined for a schema
 * without a name.
 */
export function discriminatorFor(
  reader: SchemaReader,
  discriminator: Discriminator,
  schema: Place,
): readonly string[] | undefined {
  const mapped = mappingOf(reader, discriminator).get(keyOf(schema));
  if (mapped) return mapped;
  const [components, schemas, name, ...deeper] = schema.path;
  const named = components === "components" && schemas === "schemas" && deeper.length === 0;
  return named && name !== undefined ? [name] : undefined;
}

type Mapping = ReadonlyMap<string, readonly string[]>;

/** By the discriminator: each of many choices asks. */
const knownMappings = new WeakMap<object, Mapping>();

/** The values by the schema they stand for. */
function mappingOf(reader: SchemaReader, { place }: Discriminator): Mapping {
  const known = knownMappings.get(place.value as object);
  if (known) return known;
  const mapping = new Map<string, string[]>();
  for (const [value, to] of entriesOf(childOf(place, "mapping"))) {
    const target = mappedTo(reader, to);
    if (!target) continue;
    const values = mapping.get(keyOf(target)) ?? [];
    mapping.set(keyOf(target), [...values, value]);
  }
  knownMappings.set(place.value as object, mapping);
  return mapping;
}

/** A mapping's value is a schema's name or a reference (OpenAPI 3.1 §4.8.25). */
function mappedTo(reader: SchemaReader, to: Place): Place | undefined {
  if (typeof to.value !== "string") return undefined;
  const component = ["components", "schemas", to.value].reduce<Place | undefined>(
    (place, key) => place && childOf(place, key),
    rootOf(to.document),
  );
  return component ?? reader.resolver.target({ ...to, value: { $ref: to.value } });
}

/** An object of which one property has one of these values. */
export function tagged(name: string, values: readonly string[]): Schema {
  const schema: Schema = { kind: "literals", values };
  const property = { name, schema, required: true, readOnly: false, writeOnly: false, docs: {} };
  return { kind: "object", properties: [property], additional: "open" };
}
