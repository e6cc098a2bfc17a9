import type { NetworkError } from "@net/core";
import type { ChunkSink } from "../tools/tool-stream.ts";
import type { ExecutionContext } from "../wire/calls.ts";

export interface HedgeOptions {
  /** How long the first try may take before a second one starts, in ms. Default: what 95 % of the tool's calls took. */
  readonly after?: number | undefined;
  /** The most second tries per call that may have one: 0–1. Default 0.05. */
  readonly budget?: number | undefined;
}

export interface ExecuteOptions {
  /** Runs it in this process if it can. Default false. */
  readonly preferLocal?: boolean | undefined;
  /** The peer must have them all. */
  readonly requiredCapabilities?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For all tries together, from now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
  /**
   * Names the call: a peer runs it at most once for its owner, and whoever asks again with the same key and arguments gets the
   * same result. At most 128 characters.
   */
  readonly idempotencyKey?: string | undefined;
  /**
   * When a call with a key, of a tool that is not idempotent, goes on to another peer. `not-run` (default): only if the first
   * one certainly did not run it. `unknown`: also if that cannot be known; then it may run once on each.
   */
  readonly failover?: "not-run" | "unknown" | undefined;
  /**
   * Asks a second peer when the first one takes long, and takes the better answer. Only for tools that are idempotent, or with
   * `failover: "unknown"`; others ignore it. Default false.
   */
  readonly hedge?: boolean | HedgeOptions | undefined;
  /** Gets the progress that the tool tells. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /**
   * Gets what the tool streams, and the next value once the result has resolved. An execution with it is neither hedged nor
   * begun anew once it may have run: nobody could tell which values are whose.
   */
  readonly onChunk?: ChunkSink | undefined;
}

export interface Execution {
  readonly value: unknown;
  /** The peer that ran it; `local` for this process while the router is attached to no network. */
  readonly executedOn: string;
  /** How many tries were begun, at whichever peers; hedges count. */
  readonly attempts: number;
}

export interface ExecutionRequest {
  readonly toolName: string;
  readonly params: unknown;
  readonly context?: ExecutionContext | undefined;
}

/** One of several; its key is its own. */
export interface ParallelRequest extends ExecutionRequest {
  readonly idempotencyKey?: string | undefined;
}

/** How one of several executions ended. */
export type ParallelResult =
  | ({ readonly ok: true } & Execution)
  | { readonly ok: false; readonly error: NetworkError };

/** `deadlineMs` is for all of them together. */
export interface ParallelOptions
  extends Omit<ExecuteOptions, "idempotencyKey" | "onProgress" | "onChunk"> {
  /** How many run at the same time. Default 8. */
  readonly concurrency?: number | undefined;
}
