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

/** What a tool is told of its call. A getter of a class costs nothing before it is used, as one of an object would. */
class CallContext implements ToolContext {
  readonly caller: Caller;
  readonly context: ExecutionContext;
  readonly progress: (value: unknown) => void;
  readonly #limit: AbortScope;

  constructor({
    context = {},
    caller = thisProcess,
    onProgress = ignore,
    limit,
  }: BoundedRunOptions) {
    this.caller = caller;
    this.context = context;
    this.progress = onProgress;
    this.#limit = limit;
  }

  /** Not everybody looks at it, and it is not cheap. */
  get signal(): AbortSignal {
    return this.#limit.signal;
  }
}

export function contextOf(options: BoundedRunOptions): ToolContext {
  return new CallContext(options);
}
