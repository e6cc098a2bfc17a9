import type { Socket } from "node:net";
import { AsyncQueue, abortedError, type NetworkError, toNetworkError } from "@net/core";
import type { Framing, MessageDecoder } from "../framing/framing.ts";
import { Backlog } from "./backlog.ts";
import { promiseOf } from "./promise-of.ts";

export interface MessageReaderOptions {
  readonly framing: Framing;
  /** Bytes that may wait to be taken; more pause the socket. */
  readonly highWaterMark: number;
  /** Something has come. */
  readonly onProgress: () => void;
  /** Is told when the bytes are no messages; whoever takes has learnt it then. */
  readonly onFailure: (error: NetworkError) => void;
}

/** What is left to decode when the bytes were no messages. */
const NOTHING_MORE: MessageDecoder = { push: () => {}, next: () => undefined, end: () => {} };

/** Turns what a socket reads into messages, when they are asked for. */
export class MessageReader {
  readonly #options: MessageReaderOptions;
  readonly #backlog: Backlog;
  #decoder: MessageDecoder;
  /** Hands messages to those who wait, and knows the end. It is empty while nobody does. */
  readonly #queue = new AsyncQueue<Uint8Array>({ capacity: Number.POSITIVE_INFINITY });
  #waiting = 0;
  /** Decoded to see whether it was there. */
  #held: Uint8Array | undefined;
  /** Whether anything was decoded already: one look for each message, instead of one at each place. */
  #isAhead = false;
  #isInputOver = false;

  constructor(socket: Socket, options: MessageReaderOptions) {
    this.#options = options;
    this.#backlog = new Backlog(socket, options.highWaterMark);
    this.#decoder = options.framing.decoder();
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("end", () => this.#readEnd());
  }

  /** Whether a message waits to be taken. */
  get hasUnread(): boolean {
    if (this.#isAhead) return true;
    this.#held = this.#decode();
    this.#lookAhead();
    return this.#isAhead;
  }

  /** The next message, if one has come. */
  poll(): Uint8Array | undefined {
    return this.#isAhead ? this.#pollAhead() : this.#decode();
  }

  /** The next message; undefined, or what it ended with, once all was taken. */
  take(signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    if (signal?.aborted) return Promise.reject(abortedError(signal));
    const message = this.poll();
    return message ? promiseOf(message) : this.#wait(signal);
  }

  /** The same, for whoever cannot be aborted. */
  receive(): Promise<Uint8Array | undefined> {
    return this.take(undefined);
  }

  /** No more messages; those that wait are still taken, then `error` rejects, or undefined comes. */
  end(error?: NetworkError): void {
    this.#queue.end(error);
  }

  /** The socket is gone. If the input ended before, what is left of it is still decoded. */
  lost(error: NetworkError): void {
    if (!this.#isInputOver) this.end(error);
  }

  async #wait(signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    this.#waiting++;
    try {
      return await this.#queue.take({ signal });
    } finally {
      this.#waiting--;
    }
  }

  #read(chunk: Buffer): void {
    this.#options.onProgress();
    if (this.#queue.ended) return;
    this.#backlog.add(chunk);
    // Who waited is likely to take the rest before more comes; if not, the next chunk pauses the socket.
    if (this.#waiting > 0) this.#serve();
    else this.#backlog.pauseIfFull();
  }

  #readEnd(): void {
    this.#isInputOver = true;
    this.#serve();
  }

  /** Gives those who wait what there is. */
  #serve(): void {
    for (let left = this.#waiting; left > 0; left--) {
      const message = this.#takeHeld() ?? this.#decode();
      if (!message) break;
      this.#queue.push(message);
    }
    this.#lookAhead();
  }

  #pollAhead(): Uint8Array | undefined {
    const message = this.#queue.poll() ?? this.#takeHeld();
    this.#lookAhead();
    return message;
  }

  #lookAhead(): void {
    this.#isAhead = this.#queue.size > 0 || this.#held !== undefined;
  }

  #takeHeld(): Uint8Array | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  #decode(): Uint8Array | undefined {
    try {
      do {
        const message = this.#decoder.next();
        if (message) {
          this.#backlog.use(message.length);
          return message;
        }
      } while (this.#feed());
    } catch (cause) {
      this.#fail(toNetworkError(cause));
    }
    return undefined;
  }

  /** Gives the decoder more, if there is more. */
  #feed(): boolean {
    const chunk = this.#backlog.open();
    if (chunk) {
      this.#decoder.push(chunk);
      return true;
    }
    if (this.#isInputOver && !this.#queue.ended) {
      this.#decoder.end();
      this.end();
    }
    return false;
  }

  #fail(error: NetworkError): void {
    this.#decoder = NOTHING_MORE;
    this.#backlog.clear();
    this.end(error);
    this.#options.onFailure(error);
  }
}
