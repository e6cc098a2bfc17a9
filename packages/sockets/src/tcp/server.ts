import type { Server, Socket } from "node:net";
import {
  type Logger,
  NetworkError,
  onAbort,
  reportUncaught,
  silentLogger,
  startListening,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { type Endpoint, formatAddress } from "./address.ts";
import { TCPConnection } from "./connection.ts";
import { type CloseTCPOptions, closeTimeout, connectionSettings } from "./connection-options.ts";
import { createServer } from "./node-server.ts";
import { assertServerOptions } from "./option-rules.ts";
import { listeningEndpoint, type TCPServerOptions } from "./server-options.ts";

/** Serves one connection. When it returns, the connection is closed politely; when it throws, at once. */
export type TCPHandler = (connection: TCPConnection) => Promise<void>;

/**
 * A TCP server: one call of the handler per connection.
 *
 * @example
 * ```ts
 * await using server = await TCPServer.listen({ port: 7000, framing: delimiter("\n") }, async (connection) => {
 *   for await (const line of connection) await connection.send(line);
 * });
 * ```
 */
export class TCPServer implements AsyncDisposable {
  /** Empty for a Unix socket or pipe. */
  readonly host: string;
  /** The port it listens on, also when 0 was asked for; 0 for a Unix socket or pipe. */
  readonly port: number;
  /** Where it listens: `tcp://host:port`, or `unix:path`. */
  readonly address: string;
  readonly #server: Server;
  readonly #open: OpenSockets;

  private constructor(server: Server, where: Endpoint, open: OpenSockets) {
    this.#server = server;
    this.host = "path" in where ? "" : where.host;
    this.port = "path" in where ? 0 : where.port;
    this.address = formatAddress(where);
    this.#open = open;
  }

  /**
   * Listens, and serves whoever connects.
   *
   * A handler's `NetworkError` (its client went away, or broke the framing) ends that connection and is logged at
   * `debug`; any other error is a mistake in the handler: it ends that connection too, and is thrown as an uncaught
   * exception, which ends the process unless somebody handles those.
   *
   * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`; ValidationError; AbortedError.
   */
  static async listen(options: TCPServerOptions, handler: TCPHandler): Promise<TCPServer> {
    assertServerOptions(options);
    if (typeof handler !== "function") {
      throw new ValidationError(
        "a TCPServer needs a handler: a function that is given each connection",
      );
    }
    const { signal, logger = silentLogger } = options;
    const wanted = listeningEndpoint(options);
    const settings = connectionSettings(options);
    const path = "path" in wanted ? wanted : undefined;
    const open: OpenSockets = { connections: new Set(), sockets: new Set() };
    const server = createServer(options, (socket) => {
      const connection = new TCPConnection(socket, settings, path);
      remember(open.connections, connection, connection.closed);
      void serve(connection, handler, logger);
    });
    server.on("connection", (socket: Socket) => remember(open.sockets, socket, closing(socket)));
    const address = formatAddress(wanted);
    const port = await startListening(server, wanted, { address, signal });
    const running = new TCPServer(server, "path" in wanted ? wanted : { ...wanted, port }, open);
    // For instance out of file handles: that connection is lost, the server is not.
    server.on("error", (error) => {
      logger.warn({ error: toNetworkError(error) }, `${running.address}: accepting failed`);
    });
    const listener = onAbort(signal, () => running.#abort());
    server.once("close", () => listener[Symbol.dispose]());
    return running;
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#open.connections.size;
  }

  /**
   * Accepts no more, and closes what is open; closing twice is once. Does not wait for handlers.
   *
   * @throws ValidationError if the time-out is none; nothing was closed then. It rejects with nothing else.
   */
  async close(options?: CloseTCPOptions): Promise<void> {
    closeTimeout(options);
    this.#server.close();
    await Promise.all([...this.#open.connections].map((connection) => connection.close(options)));
    // What is left never finished its TLS handshake.
    for (const socket of this.#open.sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #abort(): void {
    this.#server.close();
    for (const connection of this.#open.connections) connection.abort();
    for (const socket of this.#open.sockets) socket.destroy();
  }
}

/** What is open, until it closes. */
interface OpenSockets {
  readonly connections: Set<TCPConnection>;
  /** As TCP sees them: with TLS also those that are no connection yet. */
  readonly sockets: Set<Socket>;
}

function remember<T>(open: Set<T>, item: T, closed: Promise<unknown>): void {
  open.add(item);
  void closed.then(() => open.delete(item));
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function serve(
  connection: TCPConnection,
  handler: TCPHandler,
  logger: Logger,
): Promise<void> {
  try {
    await handler(connection);
    await connection.close();
  } catch (error) {
    connection.abort();
    if (!NetworkError.is(error)) return reportUncaught(error);
    logger.debug({ error }, `${connection.remoteAddress}: ${error.message}`);
  }
}
