import { DistinctNames } from "../distinct-names.ts";
import type { NamedSchema } from "../model/schema.ts";

/** Which way a value goes: `readOnly` properties are left out of requests, `writeOnly` ones of responses. */
export type Direction = "request" | "response";

/** Names that mean something else in a generated file. Names of types begin with a capital, so no keyword is here. */
const taken: readonly string[] = [
  "ApiClient",
  "ApiDescription",
  "ApiHttp",
  "Blob",
  "NonNullable",
  "Record",
  "Uint8Array",
];

/** The name of each schema's type, and of its type in requests where that is another one. */
export class TypeNames {
  readonly #response = new Map<NamedSchema, string>();
  readonly #request = new Map<NamedSchema, string>();
  readonly #names = new DistinctNames((name) => taken.includes(name));

  /** @param differing those that have a type of their own in requests. */
  constructor(schemas: readonly NamedSchema[], differing: ReadonlySet<NamedSchema>) {
    // Who is called what it asks for comes first, so that a newcomer does not rename others.
    const exact = schemas.filter(({ hint }) => typeName(hint) === hint);
    for (const schema of new Set([...exact, ...schemas])) {
      this.#response.set(schema, this.#names.take(typeName(schema.hint)));
    }
    for (const schema of schemas) {
      if (!differing.has(schema)) continue;
      this.#request.set(schema, this.#names.take(`${this.of(schema, "response")}Request`));
    }
  }

  of(schema: NamedSchema, direction: Direction): string {
    const request = direction === "request" ? this.#request.get(schema) : undefined;
    return request ?? this.#response.get(schema) ?? "unknown";
  }

  /** True for a schema that has a type of its own in requests. */
  differs(schema: NamedSchema): boolean {
    return this.#request.has(schema);
  }
}

/** An identifier with a capital: `pet-store.owner` becomes `PetStoreOwner`. */
function typeName(hint: string): string {
  const words = hint.split(/[^\p{ID_Continue}$]+/u).filter(Boolean);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  if (name === "") return "Schema";
  return /^[\p{ID_Start}$_]/u.test(name) ? name : `Schema${name}`;
}
