import { Worker } from "node:worker_threads";
import type { FromWorker, ScanTask, ToWorker } from "./worker-messages.ts";

/** What a thread of a scan reports. */
export interface WorkerOwner {
  onMessage(from: ScanWorker, message: FromWorker): void;
  /** It could not be loaded, or something in it threw. */
  onError(from: ScanWorker, error: unknown): void;
  onExit(from: ScanWorker): void;
}

/** A thread that does a part of a scan. */
export interface ScanWorker {
  tell(message: ToWorker): void;
  end(): void;
}

/** Starts one. @throws what the platform throws where threads are not allowed. */
export type StartWorker = (task: ScanTask, owner: WorkerOwner) => ScanWorker;

/** From source the thread needs our sources too, and runs the file as it stands. */
const fromSource: boolean = import.meta.url.endsWith(".ts");
const entry: URL = new URL(fromSource ? "./worker.ts" : "./worker.js", import.meta.url);
/** The process's own flags are not for it: `--input-type`, for one, would stop it. */
const options = { execArgv: fromSource ? ["--conditions=@net/source"] : [] };

export function startWorker(task: ScanTask, owner: WorkerOwner): ScanWorker {
  const thread = new Worker(entry, { workerData: task, ...options });
  const worker: ScanWorker = {
    tell: (message) => thread.postMessage(message),
    end: () => void thread.terminate(),
  };
  thread.on("message", (message: FromWorker) => owner.onMessage(worker, message));
  thread.on("error", (error) => owner.onError(worker, error));
  thread.on("exit", () => owner.onExit(worker));
  return worker;
}
