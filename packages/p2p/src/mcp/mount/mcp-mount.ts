import {
  type Clock,
  ConnectionError,
  type Logger,
  type NetworkError,
  RetryPace,
  type Rng,
  sleep,
  toNetworkError,
} from "@net/core";
import type { McpConnection } from "./connection.ts";
import type { MountedTools } from "./mounted-tools.ts";
import { followTools, isOver } from "./tool-list.ts";
import { ToolSync } from "./tool-sync.ts";

/** The first wait before a server that was lost is tried again, the longest, and how long it must have stayed to forget that. */
const pace = { min: 500, max: 30_000, resetAfter: 60_000 };

export interface McpMountOptions {
  readonly tools: MountedTools;
  /** Makes a connection. */
  readonly connect: (signal: AbortSignal) => Promise<McpConnection>;
  /** How often in a row a server that was lost is tried again. */
  readonly retries: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** An MCP server whose tools are a peer's, as long as it can be reached. */
export class McpMount implements AsyncDisposable {
  readonly #options: McpMountOptions;
  readonly #closing = new AbortController();
  readonly #pace: RetryPace;
  #connection: McpConnection | undefined;
  /** Resolves when its tools are gone for good: it was closed, or the server was lost and did not come back. */
  readonly ended: Promise<void>;
  readonly #end: () => void;

  constructor(options: McpMountOptions) {
    const { clock, rng } = options;
    this.#options = options;
    this.#pace = new RetryPace({ ...pace, clock, rng });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** The tools that are mounted now, as peers know them. */
  get tools(): readonly string[] {
    return this.#options.tools.names;
  }

  /** Those that are not, and why: a name that is taken, for instance, or a schema that cannot be used. */
  get skipped(): ReadonlyMap<string, string> {
    return this.#options.tools.skipped;
  }

  /** Connects, and mounts the tools. @throws ConnectionError and others of the family. Then nothing is left. */
  async open(): Promise<void> {
    try {
      const connection = await this.#establish();
      void this.#supervise(connection);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** Takes the tools away and ends the connection: calls under way are lost. Closing twice is closing once. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#options.tools.clear();
    await this.#connection?.close();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #establish(): Promise<McpConnection> {
    const { connect, tools } = this.#options;
    const { signal } = this.#closing;
    const connection = await connect(signal);
    this.#connection = connection;
    this.#pace.opened();
    const sync = new ToolSync(connection.client, tools, signal);
    // Before the tools are listed, so that no change falls in between.
    void this.#follow(connection, sync);
    try {
      await sync.run();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  async #supervise(first: McpConnection): Promise<void> {
    for (let connection: McpConnection | undefined = first; connection; ) {
      await connection.lost;
      this.#options.tools.clear();
      connection = connection.canReconnect ? await this.#reconnect() : undefined;
    }
    this.#end();
  }

  /** Undefined if it was closed meanwhile, or the server does not come back. */
  async #reconnect(): Promise<McpConnection | undefined> {
    const { clock, retries, logger } = this.#options;
    const { signal } = this.#closing;
    let error: NetworkError = new ConnectionError("the MCP server was lost", { phase: "open" });
    while (!signal.aborted && this.#pace.failed() <= retries) {
      logger.info({ error }, "an MCP server was lost and is tried again");
      try {
        await sleep(this.#pace.delayMs(error), { signal, clock });
        return await this.#establish();
      } catch (failure) {
        error = toNetworkError(failure);
      }
    }
    if (!signal.aborted) logger.warn({ error }, "an MCP server was given up");
    return undefined;
  }

  async #follow({ client, lost }: McpConnection, sync: ToolSync): Promise<void> {
    const { clock, rng, logger } = this.#options;
    const connection = new AbortController();
    const { signal } = connection;
    void lost.then(() => connection.abort());
    const warn = (error: unknown): void => {
      if (!isOver(client, signal)) logger.warn({ error }, "an MCP server's tools may have changed");
    };
    const onChange = (): void => void sync.run().catch(warn);
    await followTools(client, onChange, { signal, clock, rng, logger }).catch(warn);
  }
}
