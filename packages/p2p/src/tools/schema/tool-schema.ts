import type { Schema } from "@net/core";
import { invalid } from "../../names.ts";
import { copyJsonSchema, type JsonSchema } from "./json-schema.ts";
import { compileJsonSchema } from "./validator.ts";

/** What a tool takes or gives: any Standard Schema (Zod, Valibot, ArkType, …), or a JSON Schema object. */
export type ToolSchema<Value = unknown> = Schema<Value> | JsonSchema;

/** A schema, ready to check with, and what others are told of it. */
export interface CompiledSchema {
  readonly schema: Schema;
  /** Undefined if the schema's library cannot say it as JSON Schema. */
  readonly json: JsonSchema | undefined;
}

/** Which side of a schema that converts others see: what goes into it, or what comes out. */
export type SchemaSide = "input" | "output";

/** The Standard JSON Schema extension: https://standardschema.dev/json-schema. */
interface JsonSchemaConverter {
  readonly input?: (options: { readonly target: string }) => unknown;
  readonly output?: (options: { readonly target: string }) => unknown;
}

/** @throws ValidationError naming `what` if it is no schema, or one that cannot be used. */
export function compileSchema(schema: ToolSchema, side: SchemaSide, what: string): CompiledSchema {
  if (isStandard(schema)) return { schema, json: describe(schema, side, what) };
  const json = copyJsonSchema(schema, what);
  return { schema: standardSchema(json, side, what), json };
}

/** As a Standard Schema. Arguments that are `undefined` count as `{}`: in MCP they may be left out. */
function standardSchema(json: JsonSchema, side: SchemaSide, what: string): Schema {
  const check = compileJsonSchema(json, what);
  return {
    "~standard": {
      version: 1,
      vendor: "net",
      validate: (value: unknown) => {
        const given = value === undefined && side === "input" ? {} : value;
        const issues = check(given);
        return issues.length > 0 ? { issues } : { value: given };
      },
    },
  };
}

function isStandard(schema: unknown): schema is Schema {
  const isObject = typeof schema === "object" || typeof schema === "function";
  return isObject && schema !== null && "~standard" in schema;
}

function describe(schema: Schema, side: SchemaSide, what: string): JsonSchema | undefined {
  const { jsonSchema } = schema["~standard"] as { readonly jsonSchema?: JsonSchemaConverter };
  let converted: unknown;
  try {
    converted = jsonSchema?.[side]?.({ target: "draft-2020-12" });
  } catch {
    // It holds what JSON Schema cannot say, such as a transformation: then the tool is offered without it.
    return undefined;
  }
  if (converted === undefined) return undefined;
  if (typeof converted === "boolean") throw invalid(what, "a schema of objects or values");
  return copyJsonSchema(JSON.parse(JSON.stringify(converted)), what);
}
