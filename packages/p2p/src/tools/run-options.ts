import type { AbortScope } from "@net/core";
import type { ExecutionContext } from "../wire/calls.ts";
import type { Caller, ToolContext } from "./tool.ts";
import type { ChunkSink } from "./tool-stream.ts";

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. The time in the queue counts. */
  readonly deadlineMs?: number | undefined;
  /** What bounds the call, in place of a signal and a deadline. Whoever made it disposes of it. */
  readonly limit?: AbortScope | undefined;
  readonly context?: ExecutionContext | undefined;
  /** Default: this process itself. */
  readonly caller?: Caller | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Takes what a streaming tool yields; it is asked for more when this has resolved. Default: it is dropped. */
  readonly onChunk?: ChunkSink | undefined;
}

/** The same, once it is settled what bounds the call. */
export interface BoundedRunOptions extends RunOptions {
  readonly limit: AbortScope;
}

const thisProcess: Caller = { peerId: "local", hops: 0 };

export function ignore(): void {}

/** Not everybody looks at the signal, which is not cheap. */
export function contextOf({
  context = {},
  caller = thisProcess,
  onProgress = ignore,
  limit,
}: BoundedRunOptions): ToolContext {
  return {
    get signal() {
      return limit.signal;
    },
    caller,
    context,
    progress: onProgress,
  };
}
