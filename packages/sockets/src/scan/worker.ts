// The file a worker thread of a scan runs: its work begins when the thread has loaded it.
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@net/core";
import { ScanEngine } from "./engine.ts";
import type { ScanTask } from "./worker-messages.ts";
import { work } from "./worker-task.ts";

if (parentPort) {
  // Every refused connection is an Error, and most of its cost is a stack that nobody reads. This is the thread's own.
  Error.stackTraceLimit = 0;
  const { targets, ports, settings } = workerData as ScanTask;
  await work(parentPort, new ScanEngine(targets, ports, settings, systemClock));
}
