import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AsyncQueue } from "@net/core";
import { type WebSocket, WebSocketServer } from "ws";

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON came.
type Json = any;

/** A message as a server sends it. */
export function numbered(seq: number): Json {
  const message = {
    id: `m${seq}`,
    from: { userId: "u1", username: "alice", agent: "coder" },
    to: { agent: "assistant" },
    type: "INFORMATION",
    text: `text ${seq}`,
    sentAtMs: seq,
  };
  return { kind: "message", seq, message };
}

/** One connection, from the server's side. */
export class StandInSocket {
  readonly #socket: WebSocket;
  readonly #frames = new AsyncQueue<Json>({ capacity: 1000 });
  /** The close code. */
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#frames.push(JSON.parse(data.toString())));
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    socket.on("close", (code) => {
      this.#frames.end();
      resolve(code);
    });
  }

  /** The client's next frame; undefined once closed. */
  async next(): Promise<Json> {
    return this.#frames.take();
  }

  /** Takes the hello, and answers that it goes on after `cursor`. */
  async welcome(cursor: number): Promise<Json> {
    const hello = await this.next();
    this.send({ kind: "welcome", cursor });
    return hello;
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** The connection dies without a word. */
  lose(): void {
    this.#socket.terminate();
  }
}

/** As little of a net server as a test needs: logins are always right, the rest is up to the test. */
export class StandIn implements AsyncDisposable {
  readonly url: string;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #connections = new AsyncQueue<StandInSocket>({ capacity: 1000 });

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    this.#sockets = new WebSocketServer({ server: http, path: "/ws" });
    this.#sockets.on("connection", (socket) => this.#connections.push(new StandInSocket(socket)));
  }

  static async start(): Promise<StandIn> {
    const http = createServer((request, response) => {
      const login = { user: { id: "u2", username: "bob" }, device: "default", expiresAtMs: 1 };
      const isLogin = request.url === "/login";
      response.end(JSON.stringify(isLogin ? { token: "a token", ...login } : {}));
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new StandIn(http);
  }

  /** The next connection that a client makes. */
  async connection(): Promise<StandInSocket> {
    return (await this.#connections.take()) as StandInSocket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
