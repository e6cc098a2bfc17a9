import { type LinkSecurity, NetworkError, type Timer, ValidationError } from "@net/core";
import {
  deaf,
  type Message,
  type OpenSocketOptions,
  type PlatformSocket,
  type SocketEnd,
  type SocketHandlers,
} from "./socket.ts";
import { tooLarge } from "./violation.ts";

// The platform's own WebSocket. It tells neither HTTP status nor cause, sends no pings, cannot be paused, and
// says nothing when its buffer empties.

/** How often the send buffer is looked at while something waits in it. */
const DRAIN_POLL = 20;
/** RFC 6455 §7.4.1; a page may send only 1000 and 3000–4999, so our own end says what cannot be sent. */
const LOST = 1006;
const TOO_LARGE = 4009;
/** Stands for the codes a page may not send: the other side broke the rules. */
const REFUSED = 4002;
/** From a code of the protocol's own to the one that says it for a page: 1009 is 4009. */
const PAGE_OFFSET = 3000;

/** Starts opening a socket. @throws NetworkError `UNSUPPORTED` for headers, TLS and proxies; ValidationError for a bad URL or protocol. */
export function openSocket(url: string, options: OpenSocketOptions): PlatformSocket {
  assertSupported(options);
  try {
    return new BrowserSocket(new WebSocket(url, [...options.protocols]), options);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ValidationError(`cannot connect to ${url}: ${message}`, { cause });
  }
}

function assertSupported({ headers, tls, proxy }: OpenSocketOptions): void {
  if (headers && Object.keys(headers).length > 0) {
    throw new NetworkError(
      "UNSUPPORTED",
      "browsers cannot set headers on a WebSocket: put a short-lived token into the URL or the first message",
    );
  }
  if (tls || proxy) {
    const what = tls ? "tls" : "proxy";
    const message = `browsers have their own settings for ${what}: a page cannot choose`;
    throw new NetworkError("UNSUPPORTED", message);
  }
}

class BrowserSocket implements PlatformSocket {
  handlers: SocketHandlers = deaf;
  readonly canPause = false;
  readonly #native: WebSocket;
  readonly #options: OpenSocketOptions;
  #polling: Timer | undefined;
  #isOver = false;

  constructor(native: WebSocket, options: OpenSocketOptions) {
    this.#native = native;
    this.#options = options;
    native.binaryType = "arraybuffer";
    native.addEventListener("open", () => this.handlers.onOpen());
    native.addEventListener("message", ({ data }) => this.#received(data as string | ArrayBuffer));
    // An `error` event says nothing, and `close` always follows.
    native.addEventListener("close", ({ code, reason }) => this.#over({ code, reason }));
  }

  get security(): LinkSecurity {
    return { encrypted: this.#native.url.startsWith("wss:") };
  }

  get isOpen(): boolean {
    return this.#native.readyState === WebSocket.OPEN && !this.#isOver;
  }

  get protocol(): string {
    return this.#native.protocol;
  }

  get bufferedBytes(): number {
    return this.#native.bufferedAmount;
  }

  send(message: Message): void {
    this.#native.send(message as string | Uint8Array<ArrayBuffer>);
    this.#polling ??= this.#options.clock.setInterval(() => this.#poll(), DRAIN_POLL);
  }

  pause(): void {}

  resume(): void {}

  close(code: number, reason: string): void {
    this.#native.close(sayableCode(code), reason);
  }

  refuse(_code: number, reason: string): void {
    this.#native.close(REFUSED, reason);
  }

  /** The platform may take minutes to give up a dead connection; for us it is over now. */
  terminate(): void {
    if (this.#native.readyState < WebSocket.CLOSING) this.#native.close();
    queueMicrotask(() => this.#over({ code: LOST, reason: "" }));
  }

  #received(data: string | ArrayBuffer): void {
    if (this.#isOver) return;
    const message = typeof data === "string" ? data : new Uint8Array(data);
    if (message.length > this.#options.maxPayload) this.#refuseLarge();
    else this.handlers.onMessage(message);
  }

  #refuseLarge(): void {
    const end = tooLarge();
    this.#native.close(TOO_LARGE, end.reason);
    this.#over(end);
  }

  #poll(): void {
    if (this.#native.bufferedAmount === 0) this.#stopPolling();
    this.handlers.onDrain();
  }

  #stopPolling(): void {
    this.#polling?.cancel();
    this.#polling = undefined;
  }

  #over(end: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopPolling();
    this.handlers.onClose(end);
  }
}

/** A page may say 1000 and 3000–4999 (WHATWG WebSockets, `close`); what stands for the others is 3000 more. */
function sayableCode(code: number): number {
  return code === 1000 || code >= 3000 ? code : code + PAGE_OFFSET;
}
