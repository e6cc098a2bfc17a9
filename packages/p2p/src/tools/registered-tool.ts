import type { Clock } from "@net/core";
import { invalid } from "../names.ts";
import { manifestOf, type ToolManifest } from "./manifest.ts";
import { compileSchema } from "./schema/tool-schema.ts";
import {
  assertDefinition,
  DEFAULT_TOOL_CONCURRENCY,
  type ToolDefinition,
  type ToolHandler,
} from "./tool.ts";
import type { Runnable } from "./tool-run.ts";
import { ToolSlots } from "./tool-slots.ts";

/** A tool that is ready to run: its schemas are compiled, and what others are told of it is known. */
export interface RegisteredTool extends Runnable {
  readonly definition: ToolDefinition;
  readonly manifest: ToolManifest;
  readonly slots: ToolSlots;
}

/** @throws ValidationError if the definition is wrong, there is no handler, or a schema of it cannot be used. */
export function prepareTool(
  definition: ToolDefinition,
  handler: ToolHandler,
  clock: Clock,
): RegisteredTool {
  assertDefinition(definition);
  if (typeof handler !== "function")
    throw invalid(`the handler of ${definition.name}`, "a function");
  const { name, inputSchema, outputSchema, queue } = definition;
  const { concurrency = DEFAULT_TOOL_CONCURRENCY } = definition;
  const input = inputSchema && compileSchema(inputSchema, "input", `inputSchema of ${name}`);
  const output = outputSchema && compileSchema(outputSchema, "output", `outputSchema of ${name}`);
  return {
    ...{ name, definition, handler, input, output },
    manifest: manifestOf(definition, { input: input?.json, output: output?.json }),
    slots: new ToolSlots({ name, concurrency, queue, clock }),
  };
}
