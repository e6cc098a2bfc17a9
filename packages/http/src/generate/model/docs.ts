import { childOf, isTrueAt, type Place, stringAt } from "../resolve/place.ts";
import type { Docs } from "./schema.ts";

/** Longer defaults say little, and would have to be broken into lines. */
const MAX_DEFAULT_LENGTH = 80;

/** What a schema, parameter or operation says for people. */
export function docsOf(place: Place): Docs {
  const lines = [
    stringAt(place, "summary") ?? stringAt(place, "title"),
    stringAt(place, "description"),
  ];
  const text = [...new Set(lines.filter((line) => line !== undefined))].join("\n\n");
  return {
    ...(text && { text }),
    ...(isTrueAt(place, "deprecated") && { deprecated: true }),
    ...defaultOf(place),
    ...(stringAt(place, "format") !== undefined && { format: stringAt(place, "format") }),
  };
}

function defaultOf(place: Place): Docs {
  const value = childOf(place, "default")?.value;
  if (value === undefined || typeof value === "object") return {};
  const text = JSON.stringify(value);
  return text.length <= MAX_DEFAULT_LENGTH ? { default: text } : {};
}

/** What a schema says of its values, and not of what they are used for. */
export function valueDocsOf(schema: Place): Docs {
  const { default: value, format } = docsOf(schema);
  return {
    ...(value !== undefined && { default: value }),
    ...(format !== undefined && { format }),
  };
}
