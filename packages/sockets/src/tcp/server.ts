import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTLSServer } from "node:tls";
import {
  type Clock,
  type Logger,
  NetworkError,
  onAbort,
  silentLogger,
  toNetworkError,
  ValidationError,
} from "@net/core";
import type { Framing } from "../framing/framing.ts";
import { positiveInteger, positiveTime } from "../validate.ts";
import { type Endpoint, formatAddress, socketPath } from "./address.ts";
import { type CloseTCPOptions, TCPConnection } from "./connection.ts";
import { keepAliveDelay } from "./keep-alive.ts";
import { startListening } from "./start-listening.ts";
import type { TLSServerOptions } from "./tls.ts";

export interface TCPServerOptions {
  /** Default 0: the system chooses a free one, and {@link TCPServer.port} tells which. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string | undefined;
  /** Listens at a Unix socket or pipe instead of a host and port. Its file goes when the server closes. */
  readonly path?: string | undefined;
  /** How messages lie in the stream. Default `raw()`. */
  readonly framing?: Framing | undefined;
  /** Encrypt, showing this certificate. */
  readonly tls?: TLSServerOptions | undefined;
  /** More are refused. Default 1024. */
  readonly maxConnections?: number | undefined;
  /** Ends a connection after this much silence in both directions, in ms. Default none. */
  readonly idleTimeout?: number | undefined;
  /** Bytes that may wait per connection and direction. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** Let TCP probe silent connections, after this many ms; true is 60,000. Default off. */
  readonly keepAlive?: boolean | number | undefined;
  /**
   * Whether the handler may go on sending when the client has ended its side. Default false: then the connection ends
   * too. With true it ends when the handler returns.
   */
  readonly allowHalfOpen?: boolean | undefined;
  /** Ends the server and its connections when it aborts. */
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Serves one connection. When it returns, the connection is closed politely; when it throws, at once. */
export type TCPHandler = (connection: TCPConnection) => Promise<void>;

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_MAX_CONNECTIONS = 1024;
/** A client that does not finish its TLS handshake holds a place for no longer than this, in ms. */
const TLS_HANDSHAKE_TIMEOUT = 10_000;

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
   * `debug`; any other error is a mistake in the handler, and is thrown as an uncaught exception.
   *
   * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`; ValidationError; AbortedError.
   */
  static async listen(options: TCPServerOptions, handler: TCPHandler): Promise<TCPServer> {
    const { signal, logger = silentLogger } = options;
    const wanted = endpointOf(options);
    const path = "path" in wanted ? wanted : undefined;
    const open: OpenSockets = { connections: new Set(), sockets: new Set() };
    const server = createServer(options, (socket) => {
      const connection = new TCPConnection(socket, connectionOptions(options), path);
      remember(open.connections, connection, connection.closed);
      void serve(connection, handler, logger);
    });
    server.on("connection", (socket: Socket) => remember(open.sockets, socket, closing(socket)));
    const port = await startListening(server, wanted, signal);
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

  /** Accepts no more, and closes what is open; closing twice is once. Does not wait for handlers. */
  async close(options?: CloseTCPOptions): Promise<void> {
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

function createServer(options: TCPServerOptions, accept: (socket: Socket) => void): Server {
  const { tls, maxConnections = DEFAULT_MAX_CONNECTIONS, idleTimeout, keepAlive } = options;
  const { allowHalfOpen = false } = options;
  if (idleTimeout !== undefined) positiveTime("idleTimeout", idleTimeout);
  const delay = keepAliveDelay(keepAlive);
  const probing = delay === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: delay };
  const plain = { noDelay: true, allowHalfOpen, ...probing };
  const server = tls
    ? createTLSServer({ ...plain, ...certified(tls), handshakeTimeout: TLS_HANDSHAKE_TIMEOUT })
    : createPlainServer(plain);
  server.maxConnections = positiveInteger("maxConnections", maxConnections);
  server.on(tls ? "secureConnection" : "connection", accept);
  return server;
}

function endpointOf({ path, host = DEFAULT_HOST, port = 0 }: TCPServerOptions): Endpoint {
  return path === undefined ? { host, port } : { path: socketPath(path) };
}

function certified(tls: TLSServerOptions): TLSServerOptions {
  if (tls.key && tls.cert) return tls;
  throw new ValidationError("a TLS server needs a key and a certificate: tls: { key, cert }");
}

function connectionOptions({
  framing,
  highWaterMark,
  idleTimeout,
  clock,
}: TCPServerOptions): ConstructorParameters<typeof TCPConnection>[1] {
  return { framing, highWaterMark, idleTimeout, clock };
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
    if (!NetworkError.is(error)) throw error;
    logger.debug({ error }, `${connection.remoteAddress}: ${error.message}`);
  }
}
