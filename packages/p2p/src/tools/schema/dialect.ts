import { type JsonSchema, unusable } from "./json-schema.ts";

/** The drafts there are checks for, by the address that `$schema` has. */
const drafts: ReadonlyMap<string, "7" | "2020-12"> = new Map([
  ["https://json-schema.org/draft/2020-12/schema", "2020-12"],
  ["http://json-schema.org/draft-07/schema", "7"],
  ["https://json-schema.org/draft-07/schema", "7"],
]);

/** Which draft a schema is written in: 2020-12 unless it says otherwise, as in MCP. @throws ValidationError */
export function dialectOf({ $schema }: JsonSchema, what: string): "7" | "2020-12" {
  if ($schema === undefined) return "2020-12";
  const draft = typeof $schema === "string" ? drafts.get($schema.replace(/#$/, "")) : undefined;
  if (draft) return draft;
  throw unusable(what, "its $schema must be that of draft 2020-12 or of draft-07");
}
