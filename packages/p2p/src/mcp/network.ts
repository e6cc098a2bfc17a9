import type { ToolRouter } from "@net/routing";
import type { ToolManifest } from "../tools/manifest.ts";
import type { ToolDefinition, ToolHandler } from "../tools/tool.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import type { ChunkSink } from "../tools/tool-stream.ts";
import type { ExecutionContext } from "../wire/calls.ts";

// What MCP's two sides need of a network, and no more. A PeerNetwork is all of it.

/** Takes tools to offer to peers. */
export interface ToolRegistry {
  registerTool(definition: ToolDefinition, handler: ToolHandler): () => void;
}

/** A call under way: await it for its result, or iterate over what it tells meanwhile. */
export interface MeshCall extends PromiseLike<{ readonly value: unknown }> {
  readonly progress: AsyncIterable<unknown>;
  readonly stream: AsyncIterable<unknown>;
}

export interface MeshCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
  readonly context?: ExecutionContext | undefined;
}

/** A mesh, as one of its peers sees it. */
export interface MeshNetwork {
  readonly peerId: string;
  /** The tools of this peer. */
  readonly tools: ToolExecutor;
  /**
   * What every peer that can be reached tells of its tools, this one included. Who does not answer in time is left out.
   *
   * @throws AbortedError
   */
  peerTools(options?: {
    readonly signal?: AbortSignal | undefined;
  }): Promise<ReadonlyMap<string, readonly ToolManifest[]>>;
  /** Calls back whenever any peer's tools, or which peers can be reached, may have changed. */
  watchTools(listener: () => void): () => void;
  call(peerId: string, tool: string, args: unknown, options?: MeshCallOptions): MeshCall;
  /** What chooses among peers. */
  router(): ToolRouter;
}

/** Runs a tool on whichever peer does it best: a `DistributedExecutor` is one. */
export interface MeshExecutor {
  execute(
    tool: string,
    args: unknown,
    context: ExecutionContext,
    options: MeshCallOptions & {
      readonly onProgress?: ((value: unknown) => void) | undefined;
      readonly onChunk?: ChunkSink | undefined;
    },
  ): Promise<{ readonly value: unknown }>;
}
