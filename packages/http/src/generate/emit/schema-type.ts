import type { ObjectSchema, Property, Schema, TupleSchema } from "../model/schema.ts";
import { commentOf } from "./comment.ts";
import { propertyName, quote } from "./text.ts";
import {
  type Member,
  member,
  objectType,
  type TupleElement,
  type Type,
  textType,
  unionType,
} from "./type.ts";
import type { Direction, TypeNames } from "./type-names.ts";

/** How schemas are written as types in one direction. */
export interface TypeContext {
  readonly names: TypeNames;
  readonly direction: Direction;
}

/** The type of a schema's values. */
export function typeOf(schema: Schema, context: TypeContext): Type {
  switch (schema.kind) {
    case "reference":
      return textType(context.names.of(schema.target, context.direction));
    case "literals":
      return anyOf(schema.values.map(literal));
    case "array":
      return { kind: "array", element: typeOf(schema.items, context) };
    case "tuple":
      return { kind: "tuple", elements: elementsOf(schema, context) };
    case "object":
      return objectType(membersOf(schema, context));
    case "union":
      return unionType(schema.members.map((part) => typeOf(part, context)));
    case "intersection":
      return intersectionType(schema.members, context);
    case "binary":
      return anyOf(context.direction === "request" ? ["Blob", "Uint8Array"] : ["Uint8Array"]);
    case "present":
      return anyOf(["NonNullable<unknown>", "null"]);
    case "boolean":
    case "never":
    case "null":
    case "number":
    case "string":
    case "unknown":
      return textType(schema.kind);
  }
}

function anyOf(texts: readonly string[]): Type {
  return unionType(texts.map(textType));
}

function literal(value: string | number | boolean | null): string {
  return typeof value === "string" ? quote(value) : String(value).replace("e+", "e");
}

/** Without the demand that something is there which does not travel in this direction. */
function intersectionType(members: readonly Schema[], context: TypeContext): Type {
  const hidden = hiddenNames(members, context.direction);
  const parts = members.flatMap((part): readonly Schema[] => {
    if (part.kind !== "object") return [part];
    const properties = part.properties.filter(
      ({ name, schema }) => schema.kind !== "present" || !hidden.has(name),
    );
    const isEmpty = properties.length === 0 && part.properties.length > 0;
    return isEmpty && typeof part.additional !== "object" ? [] : [{ ...part, properties }];
  });
  const types = parts.map((part) => typeOf(part, context));
  const [only = textType("unknown")] = types;
  return types.length <= 1 ? only : { kind: "intersection", types };
}

/** The names of properties that do not travel in a direction, in these schemas and what they refer to. */
function hiddenNames(schemas: readonly Schema[], direction: Direction): ReadonlySet<string> {
  const hidden = new Set<string>();
  // A set grows while it is walked, and its walk goes on to what was added.
  const parts = new Set(schemas);
  for (const part of parts) {
    if (part.kind === "reference") parts.add(part.target.schema);
    if (part.kind === "intersection") for (const inner of part.members) parts.add(inner);
    if (part.kind !== "object") continue;
    for (const property of part.properties) {
      if (!isVisible(property, direction)) hidden.add(property.name);
    }
  }
  return hidden;
}

function elementsOf({ items, required, rest }: TupleSchema, context: TypeContext): TupleElement[] {
  const elements: TupleElement[] = items.map((item, index) => ({
    type: typeOf(item, context),
    mark: index < required ? "" : "?",
  }));
  if (rest) elements.push({ type: typeOf(rest, context), mark: "..." });
  return elements;
}

function membersOf(schema: ObjectSchema, context: TypeContext): readonly Member[] {
  const members = schema.properties
    .filter((property) => isVisible(property, context.direction))
    .map((property) => memberOf(property, context));
  const index = indexOf(schema, members, context);
  return index ? [...members, member("[key: string]", index)] : members;
}

function isVisible({ readOnly, writeOnly }: Property, direction: Direction): boolean {
  return direction === "request" ? !readOnly : !writeOnly;
}

function memberOf({ name, schema, required, docs }: Property, context: TypeContext): Member {
  const key = `${propertyName(name)}${required ? "" : "?"}`;
  return member(key, typeOf(schema, context), commentOf(docs));
}

/**
 * TypeScript wants an index signature to allow what the named properties are. Where one of those is written out, that
 * would be said twice, and the compiler does not always see that it is the same: then it is unknown.
 */
function indexOf(
  { additional }: ObjectSchema,
  members: readonly Member[],
  context: TypeContext,
): Type | undefined {
  if (additional === "open" || additional === undefined) {
    if (members.length > 0) return undefined;
    return textType(additional === "open" ? "unknown" : "never");
  }
  const types = members.map(({ type }) => type);
  if (!types.every(isPlain)) return textType("unknown");
  const optional = members.some(({ key }) => key.endsWith("?"));
  return unionType([
    typeOf(additional, context),
    ...types,
    ...(optional ? [textType("undefined")] : []),
  ]);
}

function isPlain(type: Type): boolean {
  if (type.kind === "union") return type.types.every(isPlain);
  return type.kind === "text" || (type.kind === "array" && isPlain(type.element));
}
