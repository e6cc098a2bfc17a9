import type { Readable, Writable } from "node:stream";
import { type Clock, ClosedError, type Logger } from "@net/core";
import type { MeshExecutor, MeshNetwork } from "../network.ts";
import {
  type McpServerInfo,
  type McpServerInstance,
  type McpServerTransport,
  type McpStdio,
  type McpToolService,
  newServer,
  serveConnection,
  streamTransport,
  unknownTool,
} from "../sdk-server.ts";
import { Catalogue } from "./catalogue.ts";
import type { HttpDoor } from "./http-door.ts";
import { HttpServing } from "./http-serving.ts";
import { type NodeHandler, nodeHandler } from "./node-handler.ts";
import { OfferedCalls } from "./offered-calls.ts";
import type { OfferPolicy } from "./offered-tools.ts";

export interface MeshMcpSettings {
  readonly network: MeshNetwork;
  readonly executor: MeshExecutor;
  readonly info: McpServerInfo;
  readonly policy: OfferPolicy;
  readonly door: HttpDoor;
  readonly deadlineMs: number | undefined;
  readonly maxCalls: number;
  readonly maxMessageBytes: number;
  readonly maxSessions: number;
  readonly sessionIdleTimeout: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a connection is read from and written to. Default: this process's standard streams. */
export interface ServeStreams {
  readonly input?: Readable;
  readonly output?: Writable;
}

/** A connection that is served. */
export interface McpServing extends AsyncDisposable {
  close(): Promise<void>;
}

/** The tools of a whole mesh as one MCP server, for any number of clients, over whatever carries them. */
export class MeshMcpServer implements AsyncDisposable {
  readonly #settings: MeshMcpSettings;
  readonly #catalogue: Catalogue;
  readonly #calls: OfferedCalls;
  readonly #http: HttpServing;
  /** Servers of connections that last, which are told of changes. */
  readonly #lasting = new Set<McpServerInstance>();
  readonly #servings = new Set<McpStdio>();
  readonly #service: McpToolService;
  #closing: Promise<void> | undefined;
  /** Answers requests of `node:http`: `createServer(server.nodeHandler)`. */
  readonly nodeHandler: NodeHandler;

  /** See `meshMcpServer`. */
  constructor(settings: MeshMcpSettings) {
    const { network, policy, clock, logger, maxMessageBytes, maxSessions } = settings;
    this.#settings = settings;
    this.#calls = new OfferedCalls(settings);
    this.#catalogue = new Catalogue({
      ...{ network, policy, clock, logger, onChange: () => this.#changed() },
    });
    this.#service = this.#makeService();
    const onFault = (error: unknown): void => this.#fault(error);
    this.#http = new HttpServing({
      ...{ clock, onFault, maxSessions, maxRequestBytes: maxMessageBytes },
      idleTimeout: settings.sessionIdleTimeout,
      server: () => this.server(),
      lastingServer: () => this.#lastingServer(),
    });
    this.nodeHandler = nodeHandler((request) => this.fetch(request), onFault);
  }

  /**
   * A server of the official SDK for one connection, or one request: for what takes a factory of them, such as its
   * `createMcpHandler` and `serveStdio`. It is not told of changes of the list.
   *
   * @throws ClosedError after `close`.
   */
  server(): McpServerInstance {
    this.#assertOpen();
    return newServer(this.#settings.info, this.#service, (error) => this.#fault(error));
  }

  /** Answers a request of MCP's streamable HTTP. Who may ask, see the options. */
  async fetch(request: Request): Promise<Response> {
    if (this.#closing) return new Response(null, { status: 503 });
    return (await this.#settings.door.refuse(request)) ?? (await this.#http.fetch(request));
  }

  /** Serves the client at the other end of the streams. @throws ClosedError after `close`. */
  serveStdio({ input, output }: ServeStreams = {}): McpServing {
    return this.serve(streamTransport(input, output, this.#settings.maxMessageBytes));
  }

  /** Serves the client at the other end of a transport of the SDK's. @throws ClosedError after `close`. */
  serve(transport: McpServerTransport): McpServing {
    this.#assertOpen();
    const handle = serveConnection(
      () => this.#lastingServer(),
      transport,
      (error) => this.#fault(error),
    );
    this.#servings.add(handle);
    const close = async (): Promise<void> => {
      this.#servings.delete(handle);
      await handle.close();
    };
    return { close, [Symbol.asyncDispose]: close };
  }

  /** Ends all connections and calls. Closing twice is closing once. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #makeService(): McpToolService {
    return {
      list: async (signal) => {
        const tools = await this.#catalogue.tools(signal);
        return [...tools.values()].map(({ description }) => description);
      },
      call: async (call) => {
        const tool = await this.#catalogue.find(call.name, call.signal);
        if (!tool) throw unknownTool(call.name);
        const { outputSchema } = tool.description;
        return { result: await this.#calls.run(tool, call), outputSchema };
      },
    };
  }

  #lastingServer(): McpServerInstance {
    const server = this.server();
    this.#lasting.add(server);
    server.onclose = () => this.#lasting.delete(server);
    return server;
  }

  #changed(): void {
    this.#http.toolsChanged();
    for (const server of this.#lasting) {
      server.sendToolListChanged().catch((error: unknown) => this.#fault(error));
    }
  }

  async #close(): Promise<void> {
    this.#catalogue.close();
    this.#calls.close();
    const servings = [...this.#servings].map((serving) => serving.close());
    await Promise.all([this.#http.close(), ...servings]);
  }

  #assertOpen(): void {
    if (this.#closing) throw new ClosedError("this MCP server was closed");
  }

  #fault(error: unknown): void {
    this.#settings.logger.debug({ error }, "an MCP client");
  }
}
