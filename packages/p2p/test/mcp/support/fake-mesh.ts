import { AsyncQueue, Emitter } from "@net/core";
import { ToolRouter } from "@net/routing";
import type {
  MeshCall,
  MeshCallOptions,
  MeshExecutor,
  MeshNetwork,
} from "../../../src/mcp/network.ts";
import type { ToolManifest } from "../../../src/tools/manifest.ts";
import type { ToolDefinition, ToolHandler } from "../../../src/tools/tool.ts";
import { type RunOptions, ToolExecutor } from "../../../src/tools/tool-executor.ts";

/** A mesh without wires: each peer is what runs its tools. Seen from `here`. */
export class FakeMesh implements MeshNetwork, MeshExecutor {
  readonly peerId = "here";
  readonly #events = new Emitter<{ change: [] }>();
  readonly #peers = new Map<string, ToolExecutor>();
  readonly tools: ToolExecutor = this.peer("here");
  /** How often it was asked for everybody's tools. */
  asked = 0;
  /** What came with the last call. */
  lastContext: unknown;

  peer(peerId: string): ToolExecutor {
    const tools = new ToolExecutor({ onChange: () => this.#events.emit("change") });
    this.#peers.set(peerId, tools);
    return tools;
  }

  registerTool<Args = unknown, Result = unknown>(
    definition: ToolDefinition<Args>,
    handler: ToolHandler<Args, Result>,
  ): () => void {
    return this.tools.register(definition, handler);
  }

  peerTools(): Promise<ReadonlyMap<string, readonly ToolManifest[]>> {
    this.asked += 1;
    const manifests = [...this.#peers].map(([id, tools]) => [id, tools.describeTools()] as const);
    return Promise.resolve(new Map(manifests));
  }

  watchTools(listener: () => void): () => void {
    return this.#events.on("change", listener);
  }

  router(): ToolRouter {
    return new ToolRouter();
  }

  call(peerId: string, tool: string, args: unknown, options: MeshCallOptions = {}): MeshCall {
    const progress = new AsyncQueue<unknown>({ capacity: 64 });
    const stream = new AsyncQueue<unknown>({ capacity: 64 });
    const result = this.#run(peerId, tool, args, {
      ...options,
      onProgress: (value) => void progress.push(value),
      onChunk: (value) => void stream.push(value),
    }).finally(() => {
      progress.end();
      stream.end();
    });
    result.catch(() => {});
    return Object.assign(result, { progress, stream });
  }

  async execute(
    tool: string,
    args: unknown,
    context: MeshCallOptions["context"] & object,
    options: RunOptions,
  ): Promise<{ readonly value: unknown }> {
    const peer = [...this.#peers].find(([, tools]) => tools.get(tool));
    return await this.#run(peer?.[0] ?? "nobody", tool, args, { ...options, context });
  }

  async #run(
    peerId: string,
    tool: string,
    args: unknown,
    options: RunOptions,
  ): Promise<{ readonly value: unknown }> {
    this.lastContext = options.context;
    const tools = this.#peers.get(peerId) ?? new ToolExecutor();
    return { value: await tools.execute(tool, args, options) };
  }
}
