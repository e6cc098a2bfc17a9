import type { SerializedError } from "@net/core";
import type { ScanSettings } from "./options.ts";
import type { PortResult } from "./result.ts";
import type { Target } from "./targets.ts";

/** What a worker is to do. */
export interface ScanTask {
  readonly targets: readonly Target[];
  readonly ports: readonly number[];
  readonly settings: ScanSettings;
}

/** What a worker says. After each batch it waits until an earlier one was read. */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "results"; readonly results: readonly PortResult[] }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: SerializedError };

/** What a worker is told: once that all are there, and for each batch that it was read. */
export type ToWorker = "start" | "read";

/** Batches that may be on their way, unread. */
export const BATCHES_AHEAD = 4;
export const MAX_BATCH = 512;
