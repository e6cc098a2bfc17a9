import {
  abortable,
  abortedError,
  ClosedError,
  Emitter,
  type EventListener,
  NetworkError,
  onAbort,
  type RetryEvent,
  throwIfAborted,
  toNetworkError,
  ValidationError,
} from "@net/core";
import type { Message, PlatformSocket, SocketEnd } from "../socket/socket.ts";
import { Connection } from "./connection.ts";
import { Inbox } from "./inbox.ts";
import { keepConnected } from "./keep-connected.ts";
import {
  type Settings,
  settingsOf,
  type URLSource,
  type WebSocketClientOptions,
} from "./options.ts";
import { Outbox } from "./outbox.ts";
import { webSocketURL } from "./url.ts";

/**
 * - `idle`: not asked to connect yet
 * - `connecting`: an attempt is being made
 * - `open`: messages flow
 * - `waiting`: the next attempt comes after a delay
 * - `closing`: saying goodbye
 * - `closed`: over, for good
 */
export type ClientState = "idle" | "connecting" | "open" | "waiting" | "closing" | "closed";

/** How a client ended for good. */
export interface ClientEnd {
  /** The close code of RFC 6455 §7.4; 1006 if no connection was open. */
  readonly code: number;
  readonly reason: string;
  /** Why, unless you closed it. */
  readonly error?: NetworkError;
}

export interface ClientEvents {
  state: [state: ClientState, previous: ClientState];
  /** A connection was lost, or could not be made, and another attempt follows. */
  retry: [event: RetryEvent];
  message: [message: Message];
  /** It is over, once and for good. A lost connection that is made again is a `retry`. */
  close: [end: ClientEnd];
}

export interface WaitOptions {
  /** Stops waiting; rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Nobody said goodbye (RFC 6455 §7.4.1). */
const LOST = 1006;
/** RFC 6455 §5.5.1: a control frame's 125 bytes, less two for the code. */
const MAX_REASON_BYTES = 123;

/**
 * A WebSocket connection that comes back: after a loss it connects again, with growing, random delays, until it is
 * closed or told for good to stay away. What was handed to a connection that died may be lost; a session above
 * it can promise more.
 *
 * @example
 * ```ts
 * await using ws = new WebSocketClient("wss://example.net/feed", { headers: async () => ({ authorization: await token() }) });
 * await ws.connect();
 * await ws.send("subscribe");
 * for await (const message of ws) console.log(message);
 * ```
 */
export class WebSocketClient implements AsyncIterable<Message>, AsyncDisposable {
  readonly #url: URLSource;
  readonly #settings: Settings;
  readonly #signal: AbortSignal | undefined;
  readonly #events = new Emitter<ClientEvents>();
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  #state: ClientState = "idle";
  /** Aborts the attempts that are running. */
  #run: AbortController | undefined;
  #listening: Disposable | undefined;
  #connection: Connection | undefined;
  #opened = Promise.withResolvers<void>();
  #waitingToOpen = 0;
  #wasOpen = false;
  #closing: Promise<void> | undefined;
  #end: ClientEnd | undefined;

  /**
   * Connects nothing yet: see {@link WebSocketClient.connect}.
   *
   * @param url `ws:` or `wss:`, or a function that is asked for every attempt.
   * @throws ValidationError if the URL or an option is wrong.
   */
  constructor(url: URLSource, options: WebSocketClientOptions = {}) {
    this.#url = typeof url === "function" ? url : webSocketURL(url);
    this.#settings = settingsOf(options);
    this.#signal = options.signal;
    const { highWaterMark, bufferBytes } = this.#settings;
    this.#outbox = new Outbox({ capacity: bufferBytes, highWaterMark });
    this.#inbox = new Inbox({
      capacity: highWaterMark,
      listener: () => this.#messageListener(),
      onRoom: () => this.#connection?.resume(),
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The subprotocol of the open connection; empty without one. */
  get protocol(): string {
    return this.#connection?.protocol ?? "";
  }

  /**
   * Resolves when a connection is open; tries again meanwhile, as after a loss. Aborting stops the waiting, and, if
   * there never was a connection and nobody else waits for one, the trying too.
   *
   * @throws NetworkError that makes another attempt senseless: a wrong host name, a refused token, …
   * @throws ClosedError after {@link WebSocketClient.close}; AbortedError.
   */
  async connect({ signal }: WaitOptions = {}): Promise<void> {
    throwIfAborted(signal);
    this.#heedSignal();
    this.#assertNotEnded();
    if (this.#state === "idle") this.#start();
    this.#waitingToOpen++;
    try {
      await abortable(this.#opened.promise, signal);
    } finally {
      this.#waitingToOpen--;
      if (signal?.aborted) this.#stopIfUnwanted();
    }
  }

  /**
   * Sends text or bytes. Resolves when the message was handed to a connection with room, which says nothing about
   * its arrival; until then it waits, through reconnections too, and its bytes must stay as they are. Aborting takes
   * it back: it was not sent.
   *
   * @throws OverloadedError when `buffer.bytes` wait already; the message was not taken.
   * @throws NetworkError `INVALID_STATE` before `connect`; ClosedError, or why the client ended; AbortedError.
   */
  async send(message: Message, { signal }: WaitOptions = {}): Promise<void> {
    this.#assertNotEnded();
    if (this.#state === "idle") {
      throw new NetworkError("INVALID_STATE", "this WebSocketClient is idle: call connect() first");
    }
    await this.#outbox.send(message, signal);
  }

  /**
   * The next message, from whichever connection; undefined once the client was closed. While there are `message`
   * listeners, messages go to them instead.
   *
   * @throws NetworkError why the client ended, unless you closed it; AbortedError.
   */
  async receive({ signal }: WaitOptions = {}): Promise<Message | undefined> {
    this.#heedSignal();
    return await this.#inbox.take(signal);
  }

  /** The messages, until the client is closed. A slow reader pauses the socket. Leaving the loop closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (let next = await this.receive(); next !== undefined; next = await this.receive())
      yield next;
  }

  /** Listens to messages until the result is called; those that wait already come first. */
  on(listener: (message: Message) => void): () => void;
  /** Listens to an event until the result is called. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: EventListener<ClientEvents[Name]>,
  ): () => void;
  on<Name extends keyof ClientEvents>(
    name: Name | ((message: Message) => void),
    listener?: EventListener<ClientEvents[Name]>,
  ): () => void {
    if (typeof name === "function") return this.on("message", name);
    const off = this.#events.on(name, listener as EventListener<ClientEvents[Name]>);
    if (name === "message") void this.#inbox.drain();
    return off;
  }

  /**
   * Ends the client: says goodbye if a connection is open, and tries no more. What was received can still be read;
   * what waits to be sent is rejected. Takes at most 5 s; closing again is nothing.
   *
   * @param code 1000, or 3000–4999.
   * @throws ValidationError if the code or the reason cannot be sent.
   */
  async close(code = 1000, reason = ""): Promise<void> {
    assertSendable(code, reason);
    this.#closing ??= this.#closePolitely(code, reason);
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** From the first use until the end, so that a client that was only made leaves no listener behind. */
  #heedSignal(): void {
    const signal = this.#signal;
    if (signal && !this.#end)
      this.#listening ??= onAbort(signal, () => this.#fail(abortedError(signal)));
  }

  #start(): void {
    this.#run = new AbortController();
    void this.#keepConnected(this.#run.signal);
  }

  async #keepConnected(signal: AbortSignal): Promise<void> {
    const steps = {
      connecting: () => this.#enter("connecting"),
      serve: (socket: PlatformSocket) => this.#serve(socket),
      waiting: (event: RetryEvent) => this.#wait(event),
    };
    try {
      const { error, closeCode } = await keepConnected(this.#url, this.#settings, steps, signal);
      this.#fail(error, closeCode);
    } catch (error) {
      if (!signal.aborted) this.#fail(toNetworkError(error));
    }
  }

  async #serve(socket: PlatformSocket): Promise<SocketEnd> {
    const connection = new Connection(socket, this.#inbox, this.#outbox, this.#settings);
    this.#connection = connection;
    this.#wasOpen = true;
    this.#enter("open");
    this.#opened.resolve();
    const end = await connection.ended;
    this.#connection = undefined;
    this.#opened = Promise.withResolvers();
    return end;
  }

  #wait(event: RetryEvent): void {
    this.#enter("waiting");
    this.#events.emit("retry", event);
  }

  #stopIfUnwanted(): void {
    if (this.#wasOpen || this.#waitingToOpen > 0 || this.#end || this.#closing) return;
    this.#run?.abort();
    this.#enter("idle");
  }

  async #closePolitely(code: number, reason: string): Promise<void> {
    if (this.#end) return;
    this.#enter("closing");
    this.#run?.abort();
    this.#inbox.end();
    this.#outbox.fail(closedHere());
    await this.#connection?.close(code, reason);
    this.#finish({ code, reason });
  }

  #fail(error: NetworkError, code: number = LOST): void {
    const { closeReason } = error.details;
    this.#finish({ code, reason: typeof closeReason === "string" ? closeReason : "", error });
  }

  #finish(end: ClientEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#listening?.[Symbol.dispose]();
    this.#run?.abort();
    this.#connection?.terminate();
    this.#inbox.end(end.error);
    const error = end.error ?? closedHere();
    this.#outbox.fail(error);
    this.#opened.promise.catch(() => {});
    this.#opened.reject(error);
    this.#enter("closed");
    this.#events.emit("close", end);
  }

  #enter(state: ClientState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#events.emit("state", state, previous);
  }

  #assertNotEnded(): void {
    if (this.#end?.error) throw this.#end.error;
    if (this.#end || this.#closing) throw closedHere();
  }

  #messageListener(): ((message: Message) => void) | undefined {
    if (this.#events.listenerCount("message") === 0) return undefined;
    return (message) => this.#events.emit("message", message);
  }
}

function closedHere(): ClosedError {
  return new ClosedError("this WebSocketClient was closed");
}

function assertSendable(code: number, reason: string): void {
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
    throw new ValidationError(`a close code is 1000, or from 3000 to 4999, not ${code}`);
  }
  if (new TextEncoder().encode(reason).length > MAX_REASON_BYTES) {
    throw new ValidationError(`a close reason has at most ${MAX_REASON_BYTES} bytes of UTF-8`);
  }
}
