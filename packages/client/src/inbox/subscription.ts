import { AsyncQueue, type NetworkError, ProtocolError, toNetworkError } from "@net/core";
import { WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import type { Message } from "../messages.ts";
import { endError } from "./end-error.ts";
import { ackFrame, helloFrame, parseServerFrame } from "./frames.ts";
import type { Progress } from "./progress.ts";

/** The server stops long before, until some were acknowledged. One that does not must not fill the memory. */
const MAX_UNREAD = 1024;

export interface SubscriptionOptions {
  readonly wsUrl: string;
  readonly token: string;
  readonly progress: Progress;
  readonly client: WebSocketClientOptions;
}

/** A message with its number. */
export interface Numbered {
  readonly seq: number;
  readonly message: Message;
}

/** One connection after the other to the same inbox, and what came and was not read yet. */
export class Subscription implements AsyncDisposable {
  readonly #options: SubscriptionOptions;
  readonly #queue = new AsyncQueue<Numbered>({ capacity: MAX_UNREAD });
  #socket: WebSocketClient;
  #listeners: readonly (() => void)[] = [];
  /** Aborts with the connection: what could not be sent on it must not be the first word of the next. */
  #connection = new AbortController();
  #welcomed = false;
  /** True after a gap, until a message has come: the next gap is no accident. */
  #suspicious = false;
  #end: { readonly error?: NetworkError } | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#socket = this.#open();
  }

  /** The next message; undefined once it was closed. @throws NetworkError why it ended; AbortedError. */
  async take(signal: AbortSignal | undefined): Promise<Numbered | undefined> {
    const next = await this.#queue.take({ signal });
    if (!this.#end) return next;
    // What still waits could no longer be acknowledged: it comes again another time.
    if (this.#end.error) throw this.#end.error;
    return undefined;
  }

  /** Tells the server how far we are, if it listens; else the next `hello` does. */
  async acknowledge(seq: number): Promise<void> {
    if (!this.#options.progress.acknowledge(seq) || !this.#welcomed) return;
    const { signal } = this.#connection;
    // A connection that is lost here loses nothing: the cursor is in the next hello.
    await this.#socket.send(ackFrame(seq), { signal }).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#finish();
    await this.#socket.close();
  }

  #open(): WebSocketClient {
    const socket = new WebSocketClient(this.#options.wsUrl, this.#options.client);
    this.#listeners = [
      socket.on("state", (state) => (state === "open" ? this.#hello() : this.#lost())),
      socket.on("message", (frame) => this.#receive(frame)),
      socket.on("close", (end) => this.#finish(endError(end))),
    ];
    // Why it failed for good comes with `close`.
    socket.connect().catch(() => {});
    return socket;
  }

  #hello(): void {
    const { token, progress } = this.#options;
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    this.#socket.send(helloFrame(token, progress.acked), { signal }).catch(() => {});
  }

  #lost(): void {
    this.#welcomed = false;
    this.#connection.abort();
  }

  #receive(frame: string | Uint8Array): void {
    try {
      this.#handle(frame);
    } catch (error) {
      this.#fail(toNetworkError(error));
    }
  }

  #handle(text: string | Uint8Array): void {
    const frame = parseServerFrame(text);
    if (frame.kind === "welcome") {
      this.#welcomed = true;
      this.#options.progress.welcome(frame.cursor);
    } else if (this.#welcomed) {
      this.#arrive(frame);
    } else {
      throw new ProtocolError("the server sent a message before its welcome");
    }
  }

  #arrive({ seq, message }: Numbered): void {
    const order = this.#options.progress.take(seq);
    if (order === "gap") this.#startAgain(seq);
    if (order !== "next") return;
    this.#suspicious = false;
    if (this.#end || this.#queue.push({ seq, message }) !== "refused") return;
    throw new ProtocolError(`the server sent ${MAX_UNREAD} messages that nobody acknowledged`);
  }

  /** Something got lost on the way: a new connection has it again. */
  #startAgain(seq: number): void {
    if (this.#suspicious) throw new ProtocolError(`the server left out messages before ${seq}`);
    this.#suspicious = true;
    this.#lost();
    for (const off of this.#listeners) off();
    void this.#socket.close();
    this.#socket = this.#open();
  }

  #fail(error: NetworkError): void {
    this.#finish(error);
    void this.#socket.close();
  }

  #finish(error?: NetworkError): void {
    this.#end ??= error ? { error } : {};
    this.#queue.end(error);
  }
}
