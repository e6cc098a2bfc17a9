import { availableParallelism } from "node:os";
import { abortable, abortedError, onAbort, throwIfAborted, ValidationError } from "@net/core";
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
  const [settings, workers, clock] = [settingsOf(options), workersOf(options), clockOf(options)];
  const { signal, onProgress, lookup } = options;
  const [wanted, maxHosts] = [parsePorts(specsOf(ports, "ports")), maxHostsOf(options)];
  throwIfAborted(signal);
  const hosts = await abortable(resolveTargets(textsOf(targets), { maxHosts, lookup }), signal);
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

/** One is several: a text's letters, which iterating it would give, are never meant. @throws ValidationError */
function specsOf<T extends string | number>(specs: T | Iterable<T>, what: string): readonly T[] {
  if (typeof specs === "string" || typeof specs === "number") return [specs];
  if (isIterable(specs)) return [...specs];
  throw new ValidationError(`the ${what} of a scan must be one, or a list`);
}

/** @throws ValidationError */
function textsOf(targets: string | Iterable<string>): readonly string[] {
  const specs = specsOf(targets, "targets");
  if (specs.every((each) => typeof each === "string")) return specs;
  throw new ValidationError("a target of a scan must be a text: a name, an address or a range");
}

function isIterable<T>(value: T | Iterable<T>): value is Iterable<T> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
