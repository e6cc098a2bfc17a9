import { Worker } from "node:worker_threads";
import { AsyncQueue, deserializeError, NetworkError, toNetworkError } from "@net/core";
import type { ScanSettings } from "./options.ts";
import type { PortResult } from "./result.ts";
import type { Target } from "./targets.ts";
import type { FromWorker, ScanTask } from "./worker-messages.ts";

interface Batch {
  readonly from: Worker;
  readonly results: readonly PortResult[];
}

/** A scan whose ports are shared out among threads. */
export class WorkerScan {
  readonly #tasks: readonly ScanTask[];
  readonly #batches = new AsyncQueue<Batch>({ capacity: Number.POSITIVE_INFINITY });
  readonly #workers = new Set<Worker>();
  #batch: Batch | undefined;
  #taken = 0;

  constructor(
    targets: readonly Target[],
    ports: readonly number[],
    settings: ScanSettings,
    workers: number,
  ) {
    const count = Math.min(workers, ports.length);
    const share = {
      ...settings,
      concurrency: Math.ceil(settings.concurrency / count),
      rate: settings.rate / count,
    };
    this.#tasks = Array.from({ length: count }, (_, nth) => ({
      targets,
      ports: ports.filter((_port, i) => i % count === nth),
      settings: share,
    }));
  }

  start(): void {
    for (const task of this.#tasks) this.#startWorker(task);
  }

  /** The next result; undefined at the end. @throws what it was stopped with, or a worker failed with. */
  async take(): Promise<PortResult | undefined> {
    for (;;) {
      const result = this.#batch?.results[this.#taken++];
      if (result) return result;
      this.#batch?.from.postMessage("read");
      this.#batch = await this.#batches.take();
      this.#taken = 0;
      if (!this.#batch) return undefined;
    }
  }

  /** Ends it and every thread; stopping twice is once. */
  stop(error?: Error): void {
    this.#batches.end(error);
    for (const worker of this.#workers) void worker.terminate();
    this.#workers.clear();
  }

  #startWorker(task: ScanTask): void {
    const worker = new Worker(entry, { workerData: task, ...options });
    this.#workers.add(worker);
    worker.on("message", (message: FromWorker) => this.#hear(worker, message));
    worker.on("error", (error) => this.stop(toNetworkError(error)));
    worker.on("exit", () => {
      if (this.#workers.has(worker)) this.stop(endedEarly());
    });
  }

  #hear(from: Worker, message: FromWorker): void {
    if (!this.#workers.has(from)) return;
    switch (message.type) {
      case "results":
        this.#batches.push({ from, results: message.results });
        break;
      case "failed":
        this.stop(deserializeError(message.error));
        break;
      case "done":
        this.#workers.delete(from);
        if (this.#workers.size === 0) this.#batches.end();
        break;
    }
  }
}

/** From source the thread needs our sources too, and runs the file as it stands. */
const fromSource: boolean = import.meta.url.endsWith(".ts");
const entry: URL = new URL(fromSource ? "./worker.ts" : "./worker.js", import.meta.url);
/** The process's own flags are not for it: `--input-type`, for one, would stop it. */
const options = { execArgv: fromSource ? ["--conditions=@net/source"] : [] };

function endedEarly(): NetworkError {
  return new NetworkError("INTERNAL", "a worker thread of the scan ended before its work was done");
}
