import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, ProtocolError, type Timer } from "@net/core";
import { type WebSocket, WebSocketServer } from "ws";
import type { Connection } from "../delivery/connection.ts";
import type { Connections } from "../delivery/connections.ts";
import type { Visit } from "../delivery/visit.ts";
import { addressKey } from "../limits/address-key.ts";
import type { RateLimiter } from "../limits/rate-limiter.ts";

const PATH = "/ws";
/** Clients only say `hello` and `ack`. */
const MAX_FRAME_BYTES = 4096;
/** 10,000 idle connections take about 100 MB. */
const MAX_CONNECTIONS = 10_000;
/** A connection that has not answered one ping when the next is due is dead. */
const PING_PERIOD = 30_000;
/** How long clients may take to answer when the server closes. */
const CLOSE_TIMEOUT = 2_000;
/** RFC 6455 §5.5: 125 bytes, of which the code takes two. Our reasons are ASCII. */
const MAX_REASON_LENGTH = 123;

export interface EndpointParts {
  /** Whose upgrades it takes, all of them. */
  readonly server: Server;
  readonly connections: Connections;
  /** Limits how often an address connects. */
  readonly addresses: RateLimiter;
  readonly clock: Clock;
}

/** The WebSocket edge: turns upgrades at `/ws` into connections. `ws` is behind it, and seen nowhere else. */
export class WebSocketEndpoint {
  readonly #parts: EndpointParts;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
  });
  /** Those that have not answered the last ping yet. */
  readonly #silent = new Set<WebSocket>();
  readonly #pings: Timer;
  #closing = false;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    this.#pings = parts.clock.setInterval(() => this.#ping(), PING_PERIOD, { background: true });
    parts.server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Takes no more connections and waits for those there are, which were told to close, to end. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#pings.cancel();
    const ended = [...this.#sockets.clients].map(end);
    const cut = (): void => this.#sockets.clients.forEach((socket) => void socket.terminate());
    using _timer = this.#parts.clock.setTimeout(cut, CLOSE_TIMEOUT);
    await Promise.all(ended);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) refuse(socket, refusal);
    else this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#accept(accepted));
  }

  /** The HTTP status that says why not. */
  #refusal({ url = "", socket }: IncomingMessage): number | undefined {
    if (url.split("?")[0] !== PATH) return 404;
    if (this.#closing || this.#sockets.clients.size >= MAX_CONNECTIONS) return 503;
    try {
      this.#parts.addresses.take(addressKey(socket.remoteAddress ?? ""));
      return undefined;
    } catch {
      // It came too often, which is all that `take` throws.
      return 429;
    }
  }

  #accept(socket: WebSocket): void {
    const visit: Visit = this.#parts.connections.open(connectionOf(socket, () => visit.drained()));
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) visit.fail(new ProtocolError("frames must be text"));
      else visit.receive(data.toString("utf8"));
    });
    socket.on("pong", () => this.#silent.delete(socket));
    // Frames that break RFC 6455 or are too long: ws has closed with the code for it, and `close` follows.
    socket.on("error", () => visit.end());
    socket.on("close", () => {
      this.#silent.delete(socket);
      visit.end();
    });
  }

  #ping(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#silent.has(socket)) {
        socket.terminate();
      } else {
        this.#silent.add(socket);
        socket.ping();
      }
    }
  }
}

/** Resolves when the socket has ended. */
async function end(socket: WebSocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  await promise;
}

function connectionOf(socket: WebSocket, onSent: () => void): Connection {
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: (frame) => socket.send(JSON.stringify(frame), onSent),
    close: (code, reason) => socket.close(code, reason.slice(0, MAX_REASON_LENGTH)),
  };
}

function refuse(socket: Duplex, status: number): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
