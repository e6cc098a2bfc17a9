import { type NetworkError, ValidationError } from "@net/core";
import { expect } from "vitest";
import type { ToolSchema } from "../../../src/tools/schema/tool-schema.ts";
import { ToolExecutor } from "../../../src/tools/tool-executor.ts";

/** An executor of a tool, `t`, that takes this. */
export function withInput(inputSchema: ToolSchema): ToolExecutor {
  const tools = new ToolExecutor();
  tools.register({ name: "t", inputSchema }, (args) => args);
  return tools;
}

/** What is wrong with arguments. */
export async function issuesOf(
  schema: ToolSchema,
  args: unknown,
): Promise<ValidationError["issues"]> {
  const outcome = await withInput(schema).run("t", args);
  if (outcome.ok) return [];
  expect(outcome.fate).toBe("not-run");
  if (!ValidationError.is(outcome.error)) throw outcome.error;
  return outcome.error.issues;
}

/** Why a schema is refused. */
export function refusal(schema: unknown): NetworkError {
  try {
    withInput(schema as ToolSchema);
  } catch (error) {
    return error as NetworkError;
  }
  throw new Error("it was accepted");
}
