import { type Logger, linkSignals, NetworkError, OverloadedError, toNetworkError } from "@net/core";
import type { ChunkSink } from "../../tools/tool-stream.ts";
import { contextOf, MAX_MCP_DEPTH } from "../meta.ts";
import type { MeshExecutor, MeshNetwork } from "../network.ts";
import type { McpCall, McpCallResult } from "../tool-call.ts";
import { toCallResult, toErrorResult } from "./call-result.ts";
import type { OfferedTool } from "./offered-tools.ts";
import { ProgressReport } from "./progress.ts";
import { StreamParts } from "./stream-parts.ts";

export interface OfferedCallsOptions {
  readonly network: MeshNetwork;
  readonly executor: MeshExecutor;
  /** For each call, in ms. */
  readonly deadlineMs: number | undefined;
  /** The most at the same time. */
  readonly maxCalls: number;
  readonly logger: Logger;
}

/** What a tool tells while it runs. */
interface Telling {
  readonly onProgress: (value: unknown) => void;
  readonly onChunk: ChunkSink;
}

/** Calls that came by MCP, on their way into the mesh. */
export class OfferedCalls {
  readonly #options: OfferedCallsOptions;
  readonly #closing = new AbortController();
  #running = 0;

  constructor(options: OfferedCallsOptions) {
    this.#options = options;
  }

  /** Runs a tool. What goes wrong in the mesh is a result too, since models are to read it. */
  async run(tool: OfferedTool, call: McpCall): Promise<McpCallResult> {
    const { maxCalls } = this.#options;
    if (this.#running >= maxCalls) {
      return toErrorResult(
        new OverloadedError(`${maxCalls} calls are running, the most there may be`),
      );
    }
    this.#running += 1;
    try {
      return await this.#run(tool, call);
    } catch (error) {
      return toErrorResult(toNetworkError(error));
    } finally {
      this.#running -= 1;
    }
  }

  /** Ends all calls. */
  close(): void {
    this.#closing.abort(new NetworkError("CLOSED", "this MCP server was closed"));
  }

  async #run(tool: OfferedTool, call: McpCall): Promise<McpCallResult> {
    const { logger } = this.#options;
    const parts = new StreamParts();
    const report =
      call.notify &&
      new ProgressReport(call.notify, (error) => logger.debug({ error }, "progress was not told"));
    using linked = linkSignals([call.signal, this.#closing.signal]);
    const value = await this.#send(
      tool,
      { ...call, signal: linked.signal },
      {
        onProgress: (progress) => report?.add(progress),
        onChunk: (chunk) => {
          parts.add(chunk);
          report?.add(chunk);
          // A client that reads slowly slows the tool down.
          return report?.flush();
        },
      },
    );
    await report?.flush();
    const isStructured = tool.description.outputSchema !== undefined;
    return toCallResult(parts.resultOf(value), parts.blocks, isStructured);
  }

  async #send(
    tool: OfferedTool,
    { args, meta, signal }: McpCall,
    telling: Telling,
  ): Promise<unknown> {
    const { executor, deadlineMs } = this.#options;
    const { context, depth } = contextOf(meta);
    if (depth > MAX_MCP_DEPTH) throw goesInCircles(depth);
    const options = { signal, deadlineMs, context };
    const input = tool.input.unwrap(args);
    if (tool.peerId !== undefined)
      return await this.#sendTo(tool.peerId, tool, input, options, telling);
    const { value } = await executor.execute(tool.tool, input, context, { ...options, ...telling });
    return value;
  }

  async #sendTo(
    peerId: string,
    { tool }: OfferedTool,
    input: unknown,
    options: Parameters<MeshNetwork["call"]>[3],
    { onProgress, onChunk }: Telling,
  ): Promise<unknown> {
    const call = this.#options.network.call(peerId, tool, input, options);
    const told = [pump(call.progress, onProgress), pump(call.stream, onChunk)];
    const { value } = await call;
    await Promise.allSettled(told);
    return value;
  }
}

/** The call itself says how it ended. */
async function pump(source: AsyncIterable<unknown>, sink: ChunkSink): Promise<void> {
  try {
    for await (const value of source) await sink(value);
  } catch {
    // A stream fails with its call, whose failure is told.
  }
}

function goesInCircles(depth: number): NetworkError {
  return new NetworkError(
    "CONFLICT",
    `this call came through ${depth} MCP servers: one of them offers what it mounts itself`,
  );
}
