import { isRecord, type Schema } from "@net/core";
import { copyJsonSchema, type JsonSchema } from "../../tools/schema/json-schema.ts";
import type { ToolSchema } from "../../tools/schema/tool-schema.ts";

/**
 * The schema of somebody else's tool. Its regular expressions are not run: one that takes exponential time would stop this
 * process. A schema that has some is told to others as it is, and checked by the server, which must do so anyway.
 *
 * @throws ValidationError naming `what` if it is beyond all limits.
 */
export function foreignSchema(schema: unknown, what: string): ToolSchema {
  const json = copyJsonSchema(schema, what);
  return holdsPattern(json) ? unchecked(json) : json;
}

/** Finds some that are none, such as a property of that name; then the server checks, which is no harm. */
function holdsPattern(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsPattern);
  if (!isRecord(value)) return false;
  if ("pattern" in value || "patternProperties" in value) return true;
  return Object.values(value).some(holdsPattern);
}

function unchecked(json: JsonSchema): Schema {
  const converter = { input: () => json, output: () => json };
  const validate = (value: unknown): { value: unknown } => ({ value });
  const standard = { version: 1, vendor: "net", validate, jsonSchema: converter } as const;
  return { "~standard": standard };
}
