import { abortable, throwIfAborted } from "@net/core";
import type { ScanTask } from "./worker-messages.ts";
import { WorkerScan } from "./worker-scan.ts";

interface StartOptions {
  readonly signal: AbortSignal | undefined;
  /** Whether the caller can do without: threads may be forbidden, or their file left out by a bundler. */
  readonly mayFail: boolean;
}

/**
 * A thread for each part, all loaded and none at work yet; undefined if one cannot start, and that may be.
 *
 * @throws AbortedError; why one could not start.
 */
export async function startThreads(
  tasks: readonly ScanTask[],
  { signal, mayFail }: StartOptions,
): Promise<WorkerScan | undefined> {
  try {
    return await loaded(new WorkerScan(tasks), signal);
  } catch (error) {
    throwIfAborted(signal);
    if (!mayFail) throw error;
    return undefined;
  }
}

async function loaded(scan: WorkerScan, signal: AbortSignal | undefined): Promise<WorkerScan> {
  try {
    await abortable(scan.ready, signal);
    return scan;
  } catch (error) {
    scan.stop();
    throw error;
  }
}
