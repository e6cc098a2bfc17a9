import { basename } from "node:path";
import type { Place } from "../resolve/place.ts";

/** Steps of a schema's path that say what is said there, not what the thing is. */
const keywords: ReadonlySet<string> = new Set([
  "schema",
  "items",
  "additionalProperties",
  "allOf",
  "anyOf",
  "oneOf",
  "prefixItems",
  "properties",
  "content",
  "schemas",
  "components",
  "$defs",
  "definitions",
]);

/** What to call a schema: the last step of its path that names something, or its file. */
export function hintOf({ document, path }: Place): string {
  const telling = path.findLast((step) => !keywords.has(step) && !/^\d+$/.test(step));
  return telling ?? basename(document.url.pathname).replace(/\.[^.]*$/, "");
}

/** The key under `components/schemas` of the first document; undefined for what stands elsewhere. */
export function componentOf({ document, path }: Place, first: URL): string | undefined {
  const [components, schemas, key, ...deeper] = path;
  const there = components === "components" && schemas === "schemas" && deeper.length === 0;
  return there && document.url.href === first.href ? key : undefined;
}
