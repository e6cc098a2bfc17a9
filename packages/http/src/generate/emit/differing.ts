import type { NamedSchema, Schema } from "../model/schema.ts";
import { partsOf, referencesOf } from "../model/walk.ts";

/** The schemas whose types differ between requests and responses, by themselves or by what they refer to. */
export function differingSchemas(schemas: readonly NamedSchema[]): ReadonlySet<NamedSchema> {
  const users = usersOf(schemas);
  // A set grows while it is walked, and its walk goes on to what was added.
  const differing = new Set(schemas.filter(({ schema }) => [...partsOf(schema)].some(differs)));
  for (const named of differing) {
    for (const user of users.get(named) ?? []) differing.add(user);
  }
  return differing;
}

/** By schema: those that refer to it. */
function usersOf(
  schemas: readonly NamedSchema[],
): ReadonlyMap<NamedSchema, readonly NamedSchema[]> {
  const users = new Map<NamedSchema, NamedSchema[]>();
  for (const named of schemas) {
    for (const target of referencesOf(named.schema)) {
      const known = users.get(target);
      if (known) known.push(named);
      else users.set(target, [named]);
    }
  }
  return users;
}

function differs(schema: Schema): boolean {
  if (schema.kind === "binary") return true;
  if (schema.kind !== "object") return false;
  return schema.properties.some(({ readOnly, writeOnly }) => readOnly || writeOnly);
}
