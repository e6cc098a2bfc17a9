import { execPath } from "node:process";
import {
  type ShellResult,
  type ShellToolOptions,
  shellTool,
} from "../../../src/tools/shell/shell-tool.ts";
import { type RunOptions, ToolExecutor } from "../../../src/tools/tool-executor.ts";

/** An executor of a shell tool. */
export function toolsWith(options: ShellToolOptions): ToolExecutor {
  const tools = new ToolExecutor();
  tools.register(...shellTool(options));
  return tools;
}

/** Runs it. */
export async function run(
  options: ShellToolOptions,
  args: unknown,
  how: RunOptions = {},
): Promise<ShellResult> {
  return (await toolsWith(options).execute("shell", args, how)) as ShellResult;
}

/** A program of JavaScript: the surest one there is on every machine. */
export function script(code: string): { program: string; args: string[] } {
  return { program: execPath, args: ["-e", code] };
}

/** Allows that. */
export const node: ShellToolOptions = { allow: [[execPath]] };
