import { availableParallelism } from "node:os";
import { abortable, abortedError, onAbort, throwIfAborted } from "@net/core";
import { ScanEngine } from "./engine.ts";
import {
  autoWorkers,
  clockOf,
  maxHostsOf,
  type ScanOptions,
  settingsOf,
  workersOf,
} from "./options.ts";
import { parsePorts } from "./ports.ts";
import { ProgressMeter } from "./progress.ts";
import type { PortResult } from "./result.ts";
import { shares } from "./shares.ts";
import { resolveTargets } from "./targets.ts";
import { startThreads } from "./threads.ts";

/**
 * Asks which TCP ports of which hosts are open, by connecting to them, and yields each answer as it comes. Leaving the
 * loop ends the scan. Scan only hosts that you may.
 *
 * When this machine runs out of file handles or ports, the scan slows down and asks again: that is never an answer.
 *
 * @param targets names, IPv4 and IPv6 addresses, ranges as `10.0.0.0/24`; one, or several.
 * @param ports numbers, ranges as `80-90` (`-` is all), `top100`, service names as `ssh`; one, or several.
 * @throws ValidationError for what is no target, port or option; ConnectionError (`resolve`) for an unknown name;
 * ConnectionError `OUT_OF_RESOURCES`, `ADDRESS_UNAVAILABLE` when for 10 s nothing at all could be asked; AbortedError.
 * @example
 * ```ts
 * for await (const { host, port, state, service } of scan(["10.0.0.0/24"], ["22", "top100"])) {
 *   if (state === "open") console.log(host, port, service);
 * }
 * ```
 */
export async function* scan(
  targets: string | Iterable<string>,
  ports: string | number | Iterable<string | number>,
  options: ScanOptions = {},
): AsyncGenerator<PortResult, void, undefined> {
  const { signal, onProgress, lookup } = options;
  const [settings, workers, clock] = [settingsOf(options), workersOf(options), clockOf(options)];
  const [wanted, maxHosts] = [parsePorts(specsOf(ports)), maxHostsOf(options)];
  throwIfAborted(signal);
  const hosts = await abortable(resolveTargets(specsOf(targets), { maxHosts, lookup }), signal);
  const attempts = hosts.length * wanted.length;
  const count =
    workers === "auto" ? autoWorkers(options, attempts, availableParallelism()) : workers;
  const threads =
    count > 0 &&
    (await startThreads(shares(hosts, wanted, settings, count), {
      signal,
      mayFail: workers === "auto",
    }));
  const run = threads || new ScanEngine(hosts, wanted, settings, clock);
  const meter = new ProgressMeter(attempts, onProgress, clock);
  using _abort = onAbort(signal, () => signal && run.stop(abortedError(signal)));
  try {
    run.start();
    for (let result = await run.take(); result; result = await run.take()) {
      meter.add(result);
      yield result;
    }
    meter.finish();
  } finally {
    run.stop();
  }
}

/** One is several: a text's letters, which iterating it would give, are never meant. */
function specsOf<T extends string | number>(specs: T | Iterable<T>): Iterable<T> {
  return typeof specs === "object" ? specs : [specs];
}
