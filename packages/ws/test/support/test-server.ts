import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { AsyncQueue } from "@net/core";
import { type WebSocket, WebSocketServer } from "ws";

export interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

export interface TestServerOptions {
  /** Answers handshakes with these HTTP statuses, one after the other, before it accepts any. */
  readonly statuses?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Listens at `wss`. */
  readonly tls?: ServerOptions;
  /** Agrees to compress. */
  readonly perMessageDeflate?: boolean;
}

/** A WebSocket server on loopback that a test holds in its hand. */
export class TestServer implements AsyncDisposable {
  readonly port: number;
  /** Every handshake that was tried. */
  readonly requests: IncomingMessage[] = [];
  readonly #server: Server;
  readonly #scheme: "ws" | "wss";
  readonly #accepting: WebSocketServer;
  readonly #connections = new AsyncQueue<Connection>({ capacity: 100 });

  private constructor(server: Server, options: TestServerOptions) {
    const { statuses = [], headers = {}, perMessageDeflate = false } = options;
    this.#server = server;
    this.#scheme = options.tls ? "wss" : "ws";
    this.#accepting = new WebSocketServer({ noServer: true, perMessageDeflate });
    this.port = (server.address() as AddressInfo).port;
    const refusals = [...statuses];
    const fields = Object.entries({ ...headers, "content-length": "0", connection: "close" });
    server.on("upgrade", (request, stream, head) => {
      this.requests.push(request);
      const status = refusals.shift();
      if (status === undefined) {
        this.#accepting.handleUpgrade(request, stream, head, (socket) => {
          socket.on("error", () => {});
          this.#connections.push({ socket, request });
        });
      } else {
        const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
        stream.end(`HTTP/1.1 ${status} No\r\n${lines}\r\n`);
      }
    });
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = options.tls ? createSecureServer(options.tls) : createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TestServer(server, options);
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}/`;
  }

  /** The next client that connected. */
  async next(): Promise<Connection> {
    const connection = await this.#connections.take();
    if (!connection) throw new Error("the test's server has ended");
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#accepting.clients) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
