import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, type NetworkError, type Timer, ValidationError } from "@net/core";
import WebSocket, { type ClientOptions, WebSocketServer } from "ws";
import {
  deaf,
  type Message,
  type OpenSocketOptions,
  type PlatformSocket,
  type SocketEnd,
  type SocketHandlers,
} from "./socket.ts";
import { handshakeError, statusError } from "./upgrade-error.ts";
import { violation } from "./violation.ts";

// The only file that knows the `ws` library: clients, and the accepting half of a listener.

/** How long a refused peer may take to read why, in ms. */
const LINGER = 2_000;
/** The smallest pieces a message may come in, on average; RFC conformance suites cut it no finer. */
const MIN_PART_BYTES = 64;
/** Small messages may still come in this many parts. */
const MIN_PARTS = 1_024;

export interface NodeSocketOptions extends OpenSocketOptions {
  readonly tls?: ClientTLSOptions | undefined;
}

/** How a dialler makes a connection secure: Node's names and meanings. */
export type ClientTLSOptions = Pick<
  ClientOptions,
  "ca" | "cert" | "key" | "minVersion" | "passphrase" | "rejectUnauthorized"
> & {
  /** The name the certificate must have, where it is not the host of the address. */
  readonly servername?: string | undefined;
};

/** Starts opening a socket. @throws ValidationError if the URL, a protocol or a header cannot be sent. */
export function openSocket(url: string, options: NodeSocketOptions): NodeSocket {
  const { protocols, headers, maxPayload, tls, clock } = options;
  try {
    const ws = new WebSocket(url, [...protocols], { ...tls, ...limits(maxPayload), headers });
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
    ...limits(maxPayload),
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

/**
 * A fragment or chunk of one byte costs a hundred in memory, so their number is limited with the size. The
 * library's fixed 16,384 fragments would refuse honest messages of some megabytes.
 */
function limits(maxPayload: number): {
  maxPayload: number;
  maxFragments: number;
  maxBufferedChunks: number;
  perMessageDeflate: false;
} {
  const parts = Math.max(MIN_PARTS, Math.ceil(maxPayload / MIN_PART_BYTES));
  return {
    maxPayload,
    maxFragments: parts,
    maxBufferedChunks: parts,
    perMessageDeflate: false,
  };
}

export class NodeSocket implements PlatformSocket {
  handlers: SocketHandlers = deaf;
  readonly canPause = true;
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  #stream: Socket | undefined;
  #wasOpen: boolean;
  #failure: NetworkError | undefined;
  #isOver = false;
  #lingering: Timer | undefined;

  /** @param stream given for a socket that was accepted, and is open. */
  constructor(ws: WebSocket, clock: Clock, stream?: Socket) {
    this.#ws = ws;
    this.#clock = clock;
    this.#stream = stream;
    this.#wasOpen = stream !== undefined;
    ws.on("upgrade", (response) => {
      this.#stream = response.socket;
    });
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
    this.#ws.send(message, this.#sent);
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

  readonly #sent = (error?: Error | null): void => {
    if (!error) this.handlers.onDrain();
  };

  #opened(): void {
    this.#wasOpen = true;
    this.#ws.pause();
    this.handlers.onOpen();
  }

  #answered({ statusCode = 0, headers }: IncomingMessage): void {
    this.#failure = statusError(this.#ws.url, statusCode, headers["retry-after"], this.#clock);
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
