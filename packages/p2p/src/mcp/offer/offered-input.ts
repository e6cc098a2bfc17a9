import { isRecord } from "@net/core";
import type { JsonSchema } from "../../tools/schema/json-schema.ts";
import type { McpToolDescription } from "../sdk-server.ts";

/** What MCP's clients give a tool: always an object. */
export interface OfferedInput {
  readonly schema: McpToolDescription["inputSchema"];
  /** The arguments in the mesh. */
  readonly unwrap: (args: Readonly<Record<string, unknown>>) => unknown;
}

/** The member that holds arguments that are no object. */
const WRAPPED = "value";

/** A schema whose root says that it is an object, around the one that is given where that is none. */
export function offerInput(schema: JsonSchema | undefined): OfferedInput {
  if (schema === undefined) return { schema: { type: "object" }, unwrap: (args) => args };
  if (isOfObjects(schema)) return { schema: { ...schema, type: "object" }, unwrap: (args) => args };
  const { $schema, ...inner } = schema;
  return {
    schema: {
      ...(typeof $schema === "string" && { $schema }),
      ...{ type: "object", required: [WRAPPED], additionalProperties: false },
      // An identity of its own: its references start at it, and not at the root.
      properties: { [WRAPPED]: { $id: "urn:net:arguments", ...inner } as never },
    },
    unwrap: (args) => args[WRAPPED],
  };
}

/** Whether all that fits is an object. */
function isOfObjects({ type, anyOf, oneOf, allOf }: JsonSchema): boolean {
  if (type !== undefined) return type === "object";
  if (Array.isArray(allOf) && allOf.some(isSchemaOfObjects)) return true;
  return [anyOf, oneOf].some(
    (choices) => Array.isArray(choices) && choices.length > 0 && choices.every(isSchemaOfObjects),
  );
}

function isSchemaOfObjects(schema: unknown): boolean {
  return isRecord(schema) && isOfObjects(schema);
}
