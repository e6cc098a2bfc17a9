import { NetworkError } from "@net/core";
import { parseCommand, USAGE } from "./arguments.ts";
import { joinNetwork } from "./node/join.ts";
import { untilInterrupted } from "./process/interrupt.ts";
import { tour } from "./tour/tour.ts";

/** Runs the command line; resolves with the exit code. Mistakes are answered with a sentence, not a stack. */
export async function main(args: readonly string[]): Promise<number> {
  using interrupt = untilInterrupted();
  try {
    const command = parseCommand(args);
    if (command.kind === "help") process.stdout.write(USAGE);
    else if (command.kind === "node") await joinNetwork(command, interrupt.signal);
    else return await tour(command, interrupt.signal);
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode();
    if (!NetworkError.is(error) || error.code === "INTERNAL") throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}
