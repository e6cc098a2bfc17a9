import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Clock, LinkSecurity, NetworkError, Timer } from "@net/core";
import { securityOf } from "./security.ts";
import {
  deaf,
  type Message,
  type PlatformSocket,
  type SocketEnd,
  type SocketHandlers,
} from "./socket.ts";
import { SpentInput } from "./spent-input.ts";
import { handshakeError, statusError } from "./upgrade-error.ts";
import { violation } from "./violation.ts";
import { WriteBatch } from "./write-batch.ts";
import type { OwnedWebSocket, SocketOwner } from "./ws-library.ts";

/** How long a refused peer may take to read why, in ms. */
const LINGER = 2_000;

/** From here on it is worth while to free what a message was made of. */
const LARGE_MESSAGE_BYTES: number = 16 * 1024;

/** A socket of Node, dialled or accepted. What begins with `on` is for the library to call. */
export class NodeSocket implements PlatformSocket, SocketOwner {
  handlers: SocketHandlers = deaf;
  readonly canPause = true;
  readonly #ws: OwnedWebSocket;
  readonly #clock: Clock;
  #stream: Socket | undefined;
  #batch: WriteBatch | undefined;
  #freesInput = false;
  #input: SpentInput | undefined;
  #wasOpen: boolean;
  /** Compressed messages leave in a later turn, and those behind them wait: their owners may write to them by then. */
  #isCompressing = false;
  #failure: NetworkError | undefined;
  #isOver = false;
  #lingering: Timer | undefined;

  /** @param stream given for a socket that was accepted, and is open. */
  constructor(ws: OwnedWebSocket, clock: Clock, stream?: Socket) {
    this.#ws = ws;
    this.#clock = clock;
    this.#wasOpen = stream !== undefined;
    if (stream) this.onUpgrade(stream);
    ws.report(this);
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

  ping(): void {
    this.#ws.ping();
  }

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

  onUpgrade(stream: Socket): void {
    this.#stream = stream;
    this.#batch = new WriteBatch(stream);
  }

  freeInput(): void {
    this.#freesInput = true;
  }

  flush(): void {
    this.#batch?.release();
  }

  spent(message: Uint8Array): void {
    if (this.#input) this.#input.spent(message);
    else if (this.#freesInput) this.#watchInput();
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#freesInput) this.#made(data);
    this.handlers.onMessage(isBinary ? data : data.toString());
  }

  /** Begins with the first message that is large or spent: idle connections, and those of small talk, need none of it. */
  #made(data: Buffer): void {
    if (this.#input) this.#input.made(data);
    else if (data.byteLength >= LARGE_MESSAGE_BYTES) this.#watchInput();
  }

  #watchInput(): void {
    const stream = this.#stream;
    // What comes out of a stream that is no socket may be somebody's memory.
    if (stream instanceof Socket && !this.#isCompressing) this.#input = new SpentInput(stream);
  }

  onSign(data: Buffer): void {
    this.#input?.seen(data);
    this.handlers.onPong();
  }

  readonly #sent = (error?: Error | null): void => {
    if (!error) this.handlers.onDrain();
  };

  onOpen(): void {
    this.#wasOpen = true;
    this.#isCompressing = this.#ws.extensions !== "";
    this.#ws.pause();
    this.handlers.onOpen();
  }

  onResponse({ statusCode = 0, headers }: IncomingMessage): void {
    const answer = { status: statusCode, retryAfter: headers["retry-after"], clock: this.#clock };
    this.#failure = statusError(this.#ws.url, answer);
    this.#ws.terminate();
  }

  /** Before it is open, a `close` follows at once. Afterwards the other side broke the protocol, and is being told. */
  onError(error: Error): void {
    if (this.#wasOpen) {
      this.#linger();
      this.#over(violation(error));
    } else {
      this.#failure ??= handshakeError(this.#ws.url, error);
    }
  }

  onClose(code: number, reason: Buffer): void {
    this.#lingering?.cancel();
    this.#over({ code, reason: reason.toString() });
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
