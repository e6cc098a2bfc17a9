import type { Api } from "./api.ts";
import type { NamedSchema, Schema } from "./schema.ts";

/** A schema and everything in it, up to references. */
export function* partsOf(schema: Schema): Generator<Schema> {
  yield schema;
  for (const child of childrenOf(schema)) yield* partsOf(child);
}

function childrenOf(schema: Schema): readonly Schema[] {
  if (schema.kind === "array") return [schema.items];
  if (schema.kind === "tuple") return [...schema.items, ...(schema.rest ? [schema.rest] : [])];
  if (schema.kind === "union" || schema.kind === "intersection") return schema.members;
  if (schema.kind !== "object") return [];
  const own = schema.properties.map((property) => property.schema);
  return typeof schema.additional === "object" ? [...own, schema.additional] : own;
}

/** The schemas that a schema refers to, at any depth of it. */
export function referencesOf(schema: Schema): readonly NamedSchema[] {
  return [...partsOf(schema)].flatMap((part) => (part.kind === "reference" ? [part.target] : []));
}

/** The schemas that requests are made of, by themselves or by what those refer to. */
export function requestedSchemas({ paths }: Api): ReadonlySet<NamedSchema> {
  const operations = paths.flatMap((path) => path.operations);
  const schemas = operations.flatMap(({ parameters, body }) => [
    ...parameters.map(({ schema }) => schema),
    ...(body?.content.map(({ schema }) => schema) ?? []),
  ]);
  // A set grows while it is walked, and its walk goes on to what was added.
  const requested = new Set(schemas.flatMap(referencesOf));
  for (const { schema } of requested) {
    for (const target of referencesOf(schema)) requested.add(target);
  }
  return requested;
}
