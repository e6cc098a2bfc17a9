import { isRecord, NetworkError, ProtocolError } from "@net/core";
import { areNames, assertName, invalid, MAX_CAPABILITIES, MAX_TOOLS } from "../names.ts";
import {
  assertText,
  MAX_TITLE_LENGTH,
  readAnnotations,
  type ToolAnnotations,
} from "./annotations.ts";
import { copyJsonSchema, type JsonSchema } from "./schema/json-schema.ts";
import { compileSchema } from "./schema/tool-schema.ts";
import { MAX_DESCRIPTION_LENGTH, type ToolDefinition } from "./tool.ts";

/** All manifests of a peer together, as JSON. */
const MAX_MANIFESTS_LENGTH = 262_144;

/** What a peer tells others of a tool: MCP's `Tool`, and what a mesh needs besides. Plain JSON. */
export interface ToolManifest {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly version?: string;
  /** Missing if the tool takes anything, or its schema cannot be said as JSON Schema. */
  readonly inputSchema?: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** What whoever offers the tool says of it: hints, and no more. */
  readonly annotations?: ToolAnnotations;
  readonly requires?: readonly string[];
  readonly permission?: string;
  /** Missing: it must not be called twice. */
  readonly idempotent?: true;
}

/** The JSON Schemas of a tool, if there are any. */
export interface ManifestSchemas {
  readonly input: JsonSchema | undefined;
  readonly output: JsonSchema | undefined;
}

/**
 * What others are told of a tool.
 *
 * @param schemas its schemas, if they are known already; default: they are derived.
 * @throws ValidationError if a schema cannot be used.
 */
export function manifestOf(
  definition: ToolDefinition,
  schemas: ManifestSchemas = schemasOf(definition),
): ToolManifest {
  const { name, title, description, version, requires, permission, idempotent } = definition;
  const annotations = annotationsOf(definition);
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(version !== undefined && { version }),
    ...(schemas.input && { inputSchema: schemas.input }),
    ...(schemas.output && { outputSchema: schemas.output }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(requires && requires.length > 0 && { requires: [...requires] }),
    ...(permission !== undefined && { permission }),
    ...(idempotent && { idempotent }),
  };
}

/**
 * What another peer told of one of its tools: a copy of what is known, within limits. Its schemas are not compiled, and
 * nothing of it is believed.
 *
 * @throws ProtocolError saying what is wrong.
 */
export function parseManifest(value: unknown): ToolManifest {
  try {
    return read(value);
  } catch (error) {
    if (!NetworkError.is(error)) throw error;
    throw new ProtocolError(`a tool is described wrongly: ${error.message}`, { cause: error });
  }
}

/**
 * What another peer told of all its tools.
 *
 * @throws ProtocolError saying what is wrong; also if there are more than a peer can have.
 */
export function parseManifests(value: unknown): readonly ToolManifest[] {
  if (Array.isArray(value) && value.length <= MAX_TOOLS) return value.map(parseManifest);
  throw new ProtocolError(`tools are described as a list of at most ${MAX_TOOLS}`);
}

/**
 * Manifests that together fit a message: the first ones as they are, of the others what it takes to call them.
 *
 * @param maxLength as JSON, in UTF-16 units. Default 262 144: at three bytes each well below a message's 1 MiB.
 */
export function fittingManifests(
  manifests: readonly ToolManifest[],
  maxLength: number = MAX_MANIFESTS_LENGTH,
): readonly ToolManifest[] {
  let left = maxLength - manifests.reduce((sum, tool) => sum + lengthOf(brief(tool)), 0);
  return manifests.map((tool) => {
    const extra = lengthOf(tool) - lengthOf(brief(tool));
    if (extra > left) return brief(tool);
    left -= extra;
    return tool;
  });
}

function brief({ name, requires, permission, idempotent }: ToolManifest): ToolManifest {
  return {
    name,
    ...(requires && { requires }),
    ...(permission !== undefined && { permission }),
    ...(idempotent && { idempotent }),
  };
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length;
}

function read(value: unknown): ToolManifest {
  if (!isRecord(value)) throw invalid("a manifest", "an object");
  const { name, title, description, version, permission, requires, annotations } = value;
  return {
    name: assertName(name, "name"),
    ...(title !== undefined && { title: assertText(title, MAX_TITLE_LENGTH, "title") }),
    ...(description !== undefined && {
      description: assertText(description, MAX_DESCRIPTION_LENGTH, "description"),
    }),
    ...(version !== undefined && { version: assertName(version, "version") }),
    ...readSchemas(value),
    ...(annotations !== undefined && { annotations: readAnnotations(annotations, "annotations") }),
    ...(requires !== undefined && { requires: readRequires(requires) }),
    ...(permission !== undefined && { permission: assertName(permission, "permission") }),
    ...(value.idempotent === true && { idempotent: true }),
  };
}

function readSchemas({
  inputSchema,
  outputSchema,
}: Readonly<Record<string, unknown>>): Pick<ToolManifest, "inputSchema" | "outputSchema"> {
  return {
    ...(inputSchema !== undefined && { inputSchema: copyJsonSchema(inputSchema, "inputSchema") }),
    ...(outputSchema !== undefined && {
      outputSchema: copyJsonSchema(outputSchema, "outputSchema"),
    }),
  };
}

function readRequires(value: unknown): readonly string[] {
  if (areNames(value, MAX_CAPABILITIES)) return [...value];
  throw invalid("requires", `a list of at most ${MAX_CAPABILITIES} names`);
}

function schemasOf({ name, inputSchema, outputSchema }: ToolDefinition): ManifestSchemas {
  return {
    input: inputSchema && compileSchema(inputSchema, "input", `inputSchema of ${name}`).json,
    output: outputSchema && compileSchema(outputSchema, "output", `outputSchema of ${name}`).json,
  };
}

function annotationsOf({ name, annotations = {}, idempotent }: ToolDefinition): ToolAnnotations {
  const known = readAnnotations(annotations, `the annotations of ${name}`);
  return idempotent ? { ...known, idempotentHint: true } : known;
}
