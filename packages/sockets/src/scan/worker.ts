// The part of a scan that a worker thread does: it starts when the thread loads this file.
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { systemClock, toNetworkError } from "@net/core";
import { ScanEngine } from "./engine.ts";
import type { PortResult } from "./result.ts";
import { BATCHES_AHEAD, type FromWorker, MAX_BATCH, type ScanTask } from "./worker-messages.ts";

if (parentPort) await work(parentPort, workerData as ScanTask);

async function work(port: NonNullable<typeof parentPort>, task: ScanTask): Promise<void> {
  // Every refused connection is an Error, and most of its cost is a stack that nobody reads. This is the thread's own.
  Error.stackTraceLimit = 0;
  const say = (message: FromWorker): void => port.postMessage(message);
  const engine = new ScanEngine(task.targets, task.ports, task.settings, systemClock);
  let ahead = 0;
  port.on("message", () => ahead--);
  try {
    engine.start();
    for (let results = await batch(engine); results.length > 0; results = await batch(engine)) {
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
async function batch(engine: ScanEngine): Promise<readonly PortResult[]> {
  const results: PortResult[] = [];
  do {
    const result = await engine.take();
    if (!result) break;
    results.push(result);
  } while (engine.waiting > 0 && results.length < MAX_BATCH);
  return results;
}
