import { Emitter, type EventListener } from "@net/core";
import type { Message } from "../socket/socket.ts";
import type { ClientEvents, ClientState } from "./client-events.ts";
import { assertSendable } from "./close-code.ts";
import { Inbox } from "./inbox.ts";
import { Lifetime } from "./lifetime.ts";
import { MessageIterator } from "./message-iterator.ts";
import type { URLSource, WebSocketClientOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { settingsOf } from "./settings.ts";
import { mistakeIn } from "./validate.ts";

export interface WaitOptions {
  /** Stops waiting; rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

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
  readonly #events = new Emitter<ClientEvents>();
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #life: Lifetime;

  /**
   * Connects nothing yet: see {@link WebSocketClient.connect}.
   *
   * @param url `ws:` or `wss:`, or a function that is asked for every attempt.
   * @throws ValidationError if the URL or an option is wrong.
   */
  constructor(url: URLSource, options: WebSocketClientOptions = {}) {
    const settings = settingsOf(url, options);
    const { highWaterMark, bufferBytes, overflow } = settings;
    const events = this.#events;
    const onRoom = (): void => this.#life.connection?.resume();
    this.#outbox = new Outbox({ capacity: bufferBytes, overflow, highWaterMark });
    this.#inbox = new Inbox({ highWaterMark, events, onRoom });
    this.#life = new Lifetime({ settings, events, inbox: this.#inbox, outbox: this.#outbox });
  }

  get state(): ClientState {
    return this.#life.state;
  }

  /** The subprotocol of the open connection; empty without one. */
  get protocol(): string {
    return this.#life.connection?.protocol ?? "";
  }

  /**
   * Resolves when a connection is open; tries again meanwhile, as after a loss. Aborting stops the waiting, and, if
   * there never was a connection and nobody else waits for one, to connect or to send, the trying too.
   *
   * @throws NetworkError that makes another attempt senseless: a wrong host name, a refused token, …
   * @throws ClosedError after {@link WebSocketClient.close}; AbortedError.
   */
  connect({ signal }: WaitOptions = {}): Promise<void> {
    return this.#life.open(signal);
  }

  /**
   * Sends text or bytes. Resolves when the message was handed to a connection with room, which says nothing about
   * its arrival; until then it waits, through reconnections too, and its bytes must stay as they are. Aborting takes
   * it back: it was not sent.
   *
   * @throws OverloadedError when `buffer.bytes` wait already, or with `drop-oldest`, when so much came after it; the
   * message was not sent.
   * @throws NetworkError `INVALID_STATE` before `connect`; ClosedError, or why the client ended; AbortedError.
   * @throws ValidationError if it is neither text nor bytes.
   */
  send(message: Message, options?: WaitOptions): Promise<void> {
    const refusal = this.#life.refusal ?? mistakeIn(message);
    if (refusal) return Promise.reject(refusal);
    return this.#outbox.send(message, options?.signal);
  }

  /**
   * The next message, from whichever connection; undefined once the client was closed. While there are `message`
   * listeners, messages go to them instead.
   *
   * @throws NetworkError why the client ended, unless you closed it; AbortedError.
   */
  receive(options?: WaitOptions): Promise<Message | undefined> {
    this.#life.begin();
    return this.#inbox.take(options?.signal);
  }

  /** The messages, until the client is closed. A slow reader pauses the socket. Leaving the loop closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, void, undefined> {
    this.#life.begin();
    return new MessageIterator(this.#inbox);
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
    if (name === "message") this.#inbox.drain();
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
    await this.#life.close(code, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
