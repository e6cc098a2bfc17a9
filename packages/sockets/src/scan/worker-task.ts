import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { toNetworkError } from "@net/core";
import type { PortResult } from "./result.ts";
import { BATCHES_AHEAD, type FromWorker, MAX_BATCH, type ToWorker } from "./worker-messages.ts";

/** What results come from: a `ScanEngine`. */
export interface ResultSource {
  start(): void;
  /** The next result; undefined at the end. */
  take(): Promise<PortResult | undefined>;
  /** Results that can be taken at once. */
  readonly waiting: number;
}

/** A worker's part of a scan: says that it is there, waits until it may start, and hands over what it learns. */
export async function work(port: MessagePort, source: ResultSource): Promise<void> {
  const say = (message: FromWorker): void => port.postMessage(message);
  let ahead = 0;
  const started = Promise.withResolvers<void>();
  port.on("message", (message: ToWorker) => {
    if (message === "start") started.resolve();
    else ahead--;
  });
  say({ type: "ready" });
  await started.promise;
  try {
    source.start();
    for (let results = await batch(source); results.length > 0; results = await batch(source)) {
      say({ type: "results", results });
      if (++ahead >= BATCHES_AHEAD) await once(port, "message");
    }
    say({ type: "done" });
  } catch (error) {
    say({ type: "failed", error: toNetworkError(error).toJSON() });
  } finally {
    port.close();
  }
}

/** The next result, with those that wait behind it; none at the end. */
async function batch(source: ResultSource): Promise<readonly PortResult[]> {
  const results: PortResult[] = [];
  do {
    const result = await source.take();
    if (!result) break;
    results.push(result);
  } while (source.waiting > 0 && results.length < MAX_BATCH);
  return results;
}
