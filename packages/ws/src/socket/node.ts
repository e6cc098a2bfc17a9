import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type Clock,
  type LinkSecurity,
  type NetworkError,
  type Timer,
  ValidationError,
} from "@net/core";
import WebSocket, { type ClientOptions, WebSocketServer } from "ws";
import { deflateOptions } from "./deflate.ts";
import type { ClientTLSOptions, NodeSocketOptions } from "./node-options.ts";
import { proxiedWay } from "./proxied-way.ts";
import { receiveLimits } from "./receive-limits.ts";
import { securityOf } from "./security.ts";
import {
  deaf,
  type Message,
  type PlatformSocket,
  type SocketEnd,
  type SocketHandlers,
} from "./socket.ts";
import { handshakeError, statusError } from "./upgrade-error.ts";
import { violation } from "./violation.ts";
import { WriteBatch } from "./write-batch.ts";

// The only file that knows the `ws` library: clients, and the accepting half of a listener.

/** How long a refused peer may take to read why, in ms. */
const LINGER = 2_000;

/** Starts opening a socket. @throws ValidationError if the URL, a protocol or a header cannot be sent. */
export function openSocket(url: string, options: NodeSocketOptions): NodeSocket {
  const { protocols, headers, maxPayload, compression, clock } = options;
  try {
    const way = proxiedWay(url, options.proxy, clock);
    const ws = new WebSocket(url, [...protocols], {
      ...(options.tls as ClientTLSOptions),
      ...receiveLimits(maxPayload),
      perMessageDeflate: compression ? deflateOptions(compression) : false,
      headers,
      // Typed for a socket at once; Node's HTTP client takes one that comes later too.
      createConnection: way?.connect as ClientOptions["createConnection"],
    });
    if (way) ws.on("close", way.end);
    return new NodeSocket(ws, clock);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ValidationError(`cannot connect to ${url}: ${message}`, { cause });
  }
}

/** Finishes the handshake of an upgrade request, or answers it with an error. */
export type Upgrade = (
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  accept: (socket: NodeSocket) => void,
) => void;

/** The accepting half: what an HTTP server does with its upgrade requests. */
export function upgrader(maxPayload: number, clock: Clock): Upgrade {
  const server = new WebSocketServer({
    ...receiveLimits(maxPayload),
    perMessageDeflate: false,
    noServer: true,
    clientTracking: false,
  });
  return (request, stream, head, accept) => {
    server.handleUpgrade(request, stream, head, (ws) => {
      ws.pause();
      accept(new NodeSocket(ws, clock, request.socket));
    });
  };
}

export class NodeSocket implements PlatformSocket {
  handlers: SocketHandlers = deaf;
  readonly canPause = true;
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  #stream: Socket | undefined;
  #batch: WriteBatch | undefined;
  #wasOpen: boolean;
  /** Compressed messages leave in a later turn, and those behind them wait: their owners may write to them by then. */
  #isCompressing = false;
  #failure: NetworkError | undefined;
  #isOver = false;
  #lingering: Timer | undefined;

  /** @param stream given for a socket that was accepted, and is open. */
  constructor(ws: WebSocket, clock: Clock, stream?: Socket) {
    this.#ws = ws;
    this.#clock = clock;
    this.#wasOpen = stream !== undefined;
    if (stream) this.#use(stream);
    ws.on("upgrade", (response) => this.#use(response.socket));
    ws.on("open", () => this.#opened());
    ws.on("message", (data: Buffer, isBinary) => {
      this.handlers.onMessage(isBinary ? data : data.toString());
    });
    ws.on("ping", () => this.handlers.onPong());
    ws.on("pong", () => this.handlers.onPong());
    ws.on("unexpected-response", (_request, response) => this.#answered(response));
    ws.on("error", (error) => this.#failed(error));
    ws.on("close", (code, reason) => {
      this.#lingering?.cancel();
      this.#over({ code, reason: reason.toString() });
    });
  }

  get security(): LinkSecurity {
    return securityOf(this.#stream);
  }

  /** The TCP or TLS socket underneath, once open. */
  get stream(): Socket | undefined {
    return this.#stream;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  get protocol(): string {
    return this.#ws.protocol;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  readonly ping = (): void => this.#ws.ping();

  send(message: Message): void {
    this.#batch?.hold(message.length);
    this.#ws.send(this.#isCompressing ? copyOf(message) : message, this.#sent);
    this.#batch?.check();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  refuse(code: number, reason: string): void {
    this.#linger();
    this.#ws.close(code, reason);
    this.#ws.resume();
  }

  terminate(): void {
    if (!this.#lingering) this.#ws.terminate();
  }

  #use(stream: Socket): void {
    this.#stream = stream;
    this.#batch = new WriteBatch(stream);
  }

  readonly #sent = (error?: Error | null): void => {
    if (!error) this.handlers.onDrain();
  };

  #opened(): void {
    this.#wasOpen = true;
    this.#isCompressing = this.#ws.extensions !== "";
    this.#ws.pause();
    this.handlers.onOpen();
  }

  #answered({ statusCode = 0, headers }: IncomingMessage): void {
    const answer = { status: statusCode, retryAfter: headers["retry-after"], clock: this.#clock };
    this.#failure = statusError(this.#ws.url, answer);
    this.#ws.terminate();
  }

  /** Before it is open, a `close` follows at once. Afterwards the other side broke the protocol, and is being told. */
  #failed(error: Error): void {
    if (this.#wasOpen) {
      this.#linger();
      this.#over(violation(error));
    } else {
      this.#failure ??= handshakeError(this.#ws.url, error);
    }
  }

  #linger(): void {
    const end = (): void => this.#ws.terminate();
    this.#lingering ??= this.#clock.setTimeout(end, LINGER, { background: true });
  }

  #over(end: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.handlers.onClose(this.#failure ? { ...end, error: this.#failure } : end);
  }
}

function copyOf(message: Message): Message {
  return typeof message === "string" ? message : Buffer.from(message);
}
