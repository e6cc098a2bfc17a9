import { NetworkError } from "@net/core";
import { generateClient } from "../generate.ts";
import { type Command, type GenerateCommand, parseCommand, USAGE } from "./arguments.ts";
import { isUpToDate, writeWhole } from "./output.ts";

/** Where the command line writes: a process, or a test's stand-in. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Runs `net-http` and gives the exit code: 0 done, 1 a bad document or file, 2 a bad command line. */
export async function main(args: readonly string[], terminal: Terminal = process): Promise<number> {
  const command = parsed(args, terminal);
  if (!command) return 2;
  if (command.kind === "help") {
    terminal.stdout.write(USAGE);
    return 0;
  }
  try {
    return await generate(command, terminal);
  } catch (error) {
    if (!NetworkError.is(error) || error.code === "INTERNAL") throw error;
    terminal.stderr.write(`${printable(error.message)}\n`);
    return 1;
  }
}

function parsed(args: readonly string[], { stderr }: Terminal): Command | undefined {
  try {
    return parseCommand(args);
  } catch (error) {
    if (!NetworkError.is(error)) throw error;
    stderr.write(`${printable(error.message)}\n\n${USAGE}`);
    return undefined;
  }
}

async function generate(command: GenerateCommand, { stdout, stderr }: Terminal): Promise<number> {
  const { source, output, check, allowRemoteRefs, refRoot } = command;
  const { code, operations, schemas } = await generateClient(source, { allowRemoteRefs, refRoot });
  if (output === undefined) {
    stdout.write(code);
    return 0;
  }
  if (check) {
    if (await isUpToDate(output, code)) return 0;
    stderr.write(`${output} is not up to date: generate it again\n`);
    return 1;
  }
  await writeWhole(output, code);
  stderr.write(`${output}: ${operations} operations, ${schemas} schemas\n`);
  return 0;
}

/** A document's words must not move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\uFFFD");
}
