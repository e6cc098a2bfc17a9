import { childOf, itemsOf, type Place, stringAt } from "../resolve/place.ts";
import { readArray } from "./arrays.ts";
import { readObject } from "./objects.ts";
import { type Schema, unionOf, unknownSchema } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

const objectKeywords = ["properties", "required", "additionalProperties", "patternProperties"];
const arrayKeywords = ["items", "prefixItems"];

/** What `type` allows, a string or (OpenAPI 3.1) a list; where it is missing, what the other keywords are about. */
export function readTypes(reader: SchemaReader, place: Place): Schema {
  const type = childOf(place, "type");
  if (!type) return readUntyped(reader, place);
  const names = Array.isArray(type.value) ? itemsOf(type) : [type];
  return unionOf(names.map((name) => readType(reader, place, name)));
}

function readUntyped(reader: SchemaReader, place: Place): Schema {
  const has = (key: string): boolean => childOf(place, key) !== undefined;
  if (objectKeywords.some(has)) return readObject(reader, place);
  if (arrayKeywords.some(has)) return readArray(reader, place);
  return isBinary(place) ? { kind: "binary" } : unknownSchema;
}

function readType(reader: SchemaReader, place: Place, type: Place): Schema {
  switch (type.value) {
    case "object":
      return readObject(reader, place);
    case "array":
      return readArray(reader, place);
    case "string":
      return isBinary(place) ? { kind: "binary" } : { kind: "string" };
    case "integer":
    case "number":
      return { kind: "number" };
    case "boolean":
    case "null":
      return { kind: type.value };
    default:
      reader.problems.at(
        type,
        `${JSON.stringify(type.value)} is no type: string, number, integer, boolean, array, object or null`,
      );
      return unknownSchema;
  }
}

/** Bytes as they are: OpenAPI 3.0 says so by a format, 3.1 by a media type that is not encoded as text. */
function isBinary(place: Place): boolean {
  if (stringAt(place, "format") === "binary") return true;
  const media = stringAt(place, "contentMediaType");
  return (
    media !== undefined &&
    stringAt(place, "contentEncoding") === undefined &&
    !/json|text/.test(media)
  );
}
