/** A JSON value that a type can name. */
export type Literal = string | number | boolean | null;

/**
 * A schema as far as types can say it. Request and response types differ by `readOnly`, `writeOnly` and binary
 * content: these stay in the model, and the emitter chooses.
 */
export type Schema =
  | { readonly kind: "unknown" | "never" }
  /** Anything, but it is there: for names that are required here and described elsewhere. */
  | { readonly kind: "present" }
  | { readonly kind: "string" | "number" | "boolean" | "null" | "binary" }
  | { readonly kind: "literals"; readonly values: readonly Literal[] }
  | { readonly kind: "array"; readonly items: Schema }
  | TupleSchema
  | ObjectSchema
  | { readonly kind: "union" | "intersection"; readonly members: readonly Schema[] }
  | { readonly kind: "reference"; readonly target: NamedSchema };

export interface TupleSchema {
  readonly kind: "tuple";
  readonly items: readonly Schema[];
  /** Items that must be there. */
  readonly required: number;
  /** What may come after them; undefined for nothing. */
  readonly rest: Schema | undefined;
}

export interface ObjectSchema {
  readonly kind: "object";
  readonly properties: readonly Property[];
  /** What other properties may be; `open` where nothing is said of them; undefined for none. */
  readonly additional: Schema | "open" | undefined;
}

export interface Property {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  readonly docs: Docs;
}

/** A schema that something refers to, or that stands under `components/schemas`. */
export interface NamedSchema {
  /** What the document calls it, or where it stands there; the emitter makes a type's name of it. */
  readonly hint: string;
  /** Its key under `components/schemas` of the first document. */
  readonly component: string | undefined;
  readonly docs: Docs;
  /** Unknown until it was read. */
  schema: Schema;
}

/** What a document says for people. */
export interface Docs {
  readonly text?: string | undefined;
  readonly deprecated?: boolean | undefined;
  /** The `default`, as JSON. */
  readonly default?: string | undefined;
  readonly format?: string | undefined;
}

export const unknownSchema: Schema = { kind: "unknown" };
export const neverSchema: Schema = { kind: "never" };
export const nullSchema: Schema = { kind: "null" };

/** Any of these; without what is there twice, and flat. */
export function unionOf(members: readonly Schema[]): Schema {
  const flat = members.flatMap((member) => (member.kind === "union" ? member.members : [member]));
  if (flat.some(({ kind }) => kind === "unknown")) return unknownSchema;
  const distinct = withoutTwins(flat.filter(({ kind }) => kind !== "never"));
  const [only = neverSchema] = distinct;
  return distinct.length <= 1 ? only : { kind: "union", members: distinct };
}

function withoutTwins(members: readonly Schema[]): readonly Schema[] {
  const seen = new Set<unknown>();
  return members.filter((member) => {
    const sign = signOf(member);
    if (seen.has(sign)) return false;
    seen.add(sign);
    return true;
  });
}

/** Equal for schemas that are surely the same. */
function signOf(member: Schema): unknown {
  if (member.kind === "reference") return member.target;
  if (member.kind === "literals") return JSON.stringify(member.values);
  if (/^(string|number|boolean|null|binary)$/.test(member.kind)) return member.kind;
  return member;
}

/**
 * All of these at once. An object of which nothing is said but that it is one adds nothing to another object; the
 * objects that are written out become one, at the end.
 */
export function intersectionOf(members: readonly Schema[]): Schema {
  const flat = members.flatMap((member) =>
    member.kind === "intersection" ? member.members : [member],
  );
  if (flat.some(({ kind }) => kind === "never")) return neverSchema;
  const objects = flat.filter((member) => member.kind === "object");
  const others = withoutTwins(flat.filter(({ kind }) => kind !== "object" && kind !== "unknown"));
  const object = mergeObjects(objects);
  const silent = object && object.properties.length === 0 && object.additional === "open";
  const all = object && !(silent && others.length > 0) ? [...others, ...object.all] : others;
  const [only = unknownSchema] = all;
  return all.length <= 1 ? only : { kind: "intersection", members: all };
}

interface Merged {
  readonly all: readonly ObjectSchema[];
  readonly properties: readonly Property[];
  readonly additional: ObjectSchema["additional"];
}

/** One object where no name is described twice, else each for itself. */
function mergeObjects(objects: readonly ObjectSchema[]): Merged | undefined {
  const [first] = objects;
  if (!first) return undefined;
  const properties = mergeProperties(objects.flatMap((object) => object.properties));
  const indexed = objects.filter(({ additional }) => typeof additional === "object");
  const additional = indexed[0]?.additional ?? first.additional;
  const one: ObjectSchema = { kind: "object", properties: properties ?? [], additional };
  const all = properties && indexed.length <= 1 ? [one] : objects;
  return { all, properties: properties ?? first.properties, additional };
}

function mergeProperties(properties: readonly Property[]): readonly Property[] | undefined {
  const merged = new Map<string, Property>();
  for (const property of properties) {
    const known = merged.get(property.name);
    const both = known ? mergeTwo(known, property) : property;
    if (!both) return undefined;
    merged.set(property.name, both);
  }
  return [...merged.values()];
}

/** The one that says more, required if either is; undefined if both say something of their own. */
function mergeTwo(one: Property, other: Property): Property | undefined {
  const required = one.required || other.required;
  if (saysLess(one.schema, other.schema)) return { ...other, required };
  return saysLess(other.schema, one.schema) ? { ...one, required } : undefined;
}

/** That it is there says less than what it is, and that it is text less than which. */
function saysLess(schema: Schema, than: Schema): boolean {
  if (schema.kind === "present") return true;
  if (schema.kind !== "string" || than.kind !== "literals") return false;
  return than.values.every((value) => typeof value === "string");
}
