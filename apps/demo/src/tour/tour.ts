import { once } from "node:events";
import type { TourOptions } from "../arguments.ts";
import { blankScreen, Checklist, type Screen } from "../screen/checklist.ts";
import { readTextFile } from "./file.ts";
import { invitation } from "./invitation.ts";
import { report } from "./report.ts";
import { runTour } from "./run.ts";
import type { StepResult } from "./step.ts";
import { start, steps } from "./steps/index.ts";
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
  const started = await runTour([start], world, screen, signal);
  if (started[0]?.ok && options.listen) screen.say(await invitation(world, options.listen, signal));
  const shown = started[0]?.ok ? await runTour(steps, world, screen, signal) : [];
  const results = [...started, ...shown];
  signal.throwIfAborted();
  if (options.json) await print(`${JSON.stringify(report(results, startedAt), undefined, 2)}\n`);
  const failed = results.find(({ ok }) => !ok);
  if (failed) return complain(failed);
  if (!options.once) await stayUp(screen, signal);
  return 0;
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
