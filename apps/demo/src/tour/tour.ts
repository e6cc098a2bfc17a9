import { once } from "node:events";
import { ConnectionError } from "@net/core";
import { formatHostPort, type HostPort, type TourOptions } from "../arguments.ts";
import { blankScreen, Checklist, type Screen } from "../screen/checklist.ts";
import { readTextFile } from "./file.ts";
import { invitation } from "./invitation.ts";
import { report } from "./report.ts";
import { runTour } from "./run.ts";
import type { StepResult } from "./step.ts";
import { steps } from "./steps/index.ts";
import { World } from "./world.ts";

/** Starts the machines, shows what they can do, and keeps them up unless told `--once`. Gives the exit code. */
export async function tour(options: TourOptions, signal: AbortSignal): Promise<number> {
  const file = await readTextFile(options.file);
  const startedAt = new Date();
  using checklist = new Checklist(process.stdout);
  const screen: Screen = options.json ? blankScreen : checklist;
  screen.heading("net: three machines, one network");
  await using world = new World({
    file,
    ...(options.listen && { listen: options.listen }),
  });
  await world.boot(signal).catch((error: unknown) => {
    throw options.listen ? explainListening(error, options.listen) : error;
  });
  if (options.listen) screen.say(await invitation(world, options.listen, signal));

  const results = await runTour(steps, world, screen, signal);
  signal.throwIfAborted();
  if (options.json) await print(`${JSON.stringify(report(results, startedAt), undefined, 2)}\n`);
  const failed = results.find(({ ok }) => !ok);
  if (failed) return complain(failed);
  if (!options.once) await stayUp(screen, signal);
  return 0;
}

/** Only an address that the user chose can be taken: all others are given by the system. */
function explainListening(error: unknown, listen: HostPort): unknown {
  if (!ConnectionError.is(error) || error.phase !== "listen") return error;
  const message = `cannot listen at ${formatHostPort(listen)} (${error.code}): choose another address with --listen`;
  return new ConnectionError(message, { cause: error, code: error.code, phase: "listen" });
}

function complain({ name, title, error }: StepResult): number {
  process.stderr.write(`\nThe step "${title}" (${name}) failed: ${error}\n`);
  return 1;
}

async function stayUp(screen: Screen, signal: AbortSignal): Promise<void> {
  screen.say("\nThe network stays up. Ctrl-C ends it.");
  // The children's channels keep this process alive meanwhile.
  if (!signal.aborted) await once(signal, "abort");
  screen.say("\nEnding every machine.");
}

/** Standard output may be a pipe: a process that ends at once would cut a long report. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
