import type { McpClient } from "../sdk-client.ts";
import type { MountedTools } from "./mounted-tools.ts";
import { isOver, listTools } from "./tool-list.ts";

/** Keeps the mounted tools as one connection's server lists them. */
export class ToolSync {
  readonly #client: McpClient;
  readonly #tools: MountedTools;
  readonly #signal: AbortSignal;
  #running: Promise<void> | undefined;
  #isStale = false;

  constructor(client: McpClient, tools: MountedTools, signal: AbortSignal) {
    this.#client = client;
    this.#tools = tools;
    this.#signal = signal;
  }

  /** Lists and mounts, one at a time: what changes meanwhile is looked at afterwards. @throws what listing throws. */
  run(): Promise<void> {
    this.#isStale = true;
    this.#running ??= this.#untilFresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #untilFresh(): Promise<void> {
    while (this.#isStale && !isOver(this.#client, this.#signal)) {
      this.#isStale = false;
      const listed = await listTools(this.#client, this.#signal);
      if (!isOver(this.#client, this.#signal)) this.#tools.update(this.#client, listed);
    }
  }
}
