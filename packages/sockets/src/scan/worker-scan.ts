import { AsyncQueue, deserializeError, NetworkError, toNetworkError } from "@net/core";
import type { PortResult } from "./result.ts";
import type { FromWorker, ScanTask } from "./worker-messages.ts";
import {
  type ScanWorker,
  type StartWorker,
  startWorker,
  type WorkerOwner,
} from "./worker-thread.ts";

interface Batch {
  readonly from: ScanWorker;
  readonly results: readonly PortResult[];
}

/** A scan that is shared out among threads. */
export class WorkerScan implements WorkerOwner {
  readonly #batches = new AsyncQueue<Batch>({ capacity: Number.POSITIVE_INFINITY });
  readonly #workers = new Set<ScanWorker>();
  readonly #ready = Promise.withResolvers<void>();
  #missing: number;
  #batch: Batch | undefined;
  #taken = 0;

  /** Starts the threads, and nothing more. @throws where threads are not allowed. */
  constructor(tasks: readonly ScanTask[], start: StartWorker = startWorker) {
    this.#missing = tasks.length;
    // Who is not waited for is not missed.
    this.#ready.promise.catch(() => {});
    try {
      for (const task of tasks) this.#workers.add(start(task, this));
    } catch (error) {
      this.stop();
      throw toNetworkError(error);
    }
  }

  /** Resolves when every thread is there. @throws why one is not. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  start(): void {
    for (const worker of this.#workers) worker.tell("start");
  }

  /** The next result; undefined at the end. @throws what it was stopped with, or a worker failed with. */
  async take(): Promise<PortResult | undefined> {
    for (;;) {
      const result = this.#batch?.results[this.#taken++];
      if (result) return result;
      this.#batch?.from.tell("read");
      this.#batch = await this.#batches.take();
      this.#taken = 0;
      if (!this.#batch) return undefined;
    }
  }

  /** Ends it and every thread; stopping twice is once. */
  stop(error?: Error): void {
    this.#batches.end(error);
    this.#ready.reject(error);
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
  }

  onMessage(from: ScanWorker, message: FromWorker): void {
    if (!this.#workers.has(from)) return;
    switch (message.type) {
      case "ready":
        if (--this.#missing === 0) this.#ready.resolve();
        break;
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

  onError(from: ScanWorker, error: unknown): void {
    if (this.#workers.has(from)) this.stop(toNetworkError(error));
  }

  onExit(from: ScanWorker): void {
    if (this.#workers.has(from)) this.stop(endedEarly());
  }
}

function endedEarly(): NetworkError {
  return new NetworkError("INTERNAL", "a worker thread of the scan ended before its work was done");
}
