import { isRecord } from "@net/core";
import { childOf, itemsOf, keyOf, type Place } from "../resolve/place.ts";
import { referenceOf } from "../resolve/resolver.ts";
import { discriminatorFor, discriminatorOf, tagged } from "./discriminators.ts";
import { intersectionOf, type Schema, unionOf } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** What `allOf`, `oneOf` and `anyOf` say; all of it holds at once. */
export function readCombinations(reader: SchemaReader, place: Place): readonly Schema[] {
  const all = membersOf(reader, place, "allOf").map((member) => readPart(reader, place, member));
  const choices = ["oneOf", "anyOf"].flatMap((keyword) => readChoice(reader, place, keyword));
  return [...all, ...choices];
}

/** One of `allOf`. Where it is a base with a discriminator, the value that stands for this schema is known. */
function readPart(reader: SchemaReader, place: Place, member: Place): Schema {
  const base = referenceOf(member) === undefined ? undefined : reader.resolver.target(member);
  if (!base || !isRecord(base.value)) return reader.read(member);
  const discriminator = discriminatorOf(reader, base);
  const inner = isChoice(reader, base, place)
    ? readWithoutChoice(reader, base)
    : reader.read(member);
  const values = discriminator && discriminatorFor(reader, discriminator, place);
  return values ? intersectionOf([inner, tagged(discriminator.property, values)]) : inner;
}

function readChoice(reader: SchemaReader, place: Place, keyword: string): readonly Schema[] {
  const members = membersOf(reader, place, keyword);
  if (members.length === 0) return [];
  const discriminator = discriminatorOf(reader, place);
  const choices = members.map((member) => {
    const schema = reader.read(member);
    const target = discriminator && reader.resolver.follow(member);
    const values = target && discriminatorFor(reader, discriminator, target);
    return values ? intersectionOf([schema, tagged(discriminator.property, values)]) : schema;
  });
  return [unionOf(choices)];
}

function membersOf(reader: SchemaReader, place: Place, keyword: string): readonly Place[] {
  const list = childOf(place, keyword);
  const members = itemsOf(list);
  if (list && members.length === 0) {
    reader.problems.at(list, `${keyword} must be a list of at least one schema`);
  }
  return members;
}

/**
 * True for a base that lists this schema as one of its choices while this schema extends it: a circle that many
 * documents draw. What is meant is the base without the choice.
 */
function isChoice(reader: SchemaReader, base: Place, place: Place): boolean {
  return choicesOf(reader, base).has(keyOf(place));
}

/** By the schema that offers them: each of many choices asks. */
const knownChoices = new WeakMap<object, ReadonlySet<string>>();

function choicesOf(reader: SchemaReader, base: Place): ReadonlySet<string> {
  const value = base.value as object;
  const known = knownChoices.get(value);
  if (known) return known;
  const members = ["oneOf", "anyOf"].flatMap((keyword) => itemsOf(childOf(base, keyword)));
  const targets = members
    .filter((member) => referenceOf(member) !== undefined)
    .flatMap((member) => reader.resolver.target(member) ?? []);
  const choices = new Set(targets.map(keyOf));
  knownChoices.set(value, choices);
  return choices;
}

function readWithoutChoice(reader: SchemaReader, base: Place): Schema {
  const {
    oneOf: _,
    anyOf: __,
    discriminator: ___,
    ...value
  } = base.value as Record<string, unknown>;
  return reader.readKeywords({ ...base, value });
}
