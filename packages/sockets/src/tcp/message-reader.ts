import type { Socket } from "node:net";
import { AsyncQueue, abortedError, type NetworkError, toNetworkError } from "@net/core";
import type { Framing, MessageDecoder } from "../framing/framing.ts";

export interface MessageReaderOptions {
  readonly framing: Framing;
  /** Bytes that may wait to be taken; more pause the socket. */
  readonly highWaterMark: number;
  /** Is told when the bytes are no messages; whoever takes has learnt it then. */
  readonly onFailure: (error: NetworkError) => void;
}

/**
 * Turns what a socket reads into messages, when they are asked for: bytes wait as they came, at no cost per message.
 * When too many wait the socket is paused, so that a slow reader slows the sender down instead of filling the memory.
 */
export class MessageReader {
  readonly #socket: Socket;
  readonly #decoder: MessageDecoder;
  readonly #options: MessageReaderOptions;
  /** Hands messages to those who wait, and knows the end. It is empty while nobody does. */
  readonly #queue = new AsyncQueue<Uint8Array>({ capacity: Number.POSITIVE_INFINITY });
  #waiting = 0;
  /** Read, and not given to the decoder yet. */
  readonly #chunks: Buffer[] = [];
  /** The decoder's part of the bytes that wait. */
  #decoding = 0;
  #unread = 0;
  /** Decoded to see whether it was there. */
  #held: Uint8Array | undefined;
  #isPaused = false;
  #isInputOver = false;
  #isBroken = false;

  constructor(socket: Socket, options: MessageReaderOptions) {
    this.#socket = socket;
    this.#decoder = options.framing.decoder();
    this.#options = options;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("end", () => this.#readEnd());
  }

  /** Whether a message waits to be taken. */
  get hasUnread(): boolean {
    if (this.#queue.size > 0) return true;
    this.#held = this.#next();
    return this.#held !== undefined;
  }

  /** The next message, if one has come. */
  poll(): Uint8Array | undefined {
    return this.#queue.poll() ?? this.#next();
  }

  /** The next message; undefined, or what it ended with, once all was taken. */
  take(signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    if (signal?.aborted) return Promise.reject(abortedError(signal));
    const message = this.poll();
    return message ? Promise.resolve(message) : this.#wait(signal);
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
    if (this.#queue.ended) return;
    this.#chunks.push(chunk);
    this.#unread += chunk.length;
    this.#serve();
    const isFull = this.#unread > 0 && this.#unread >= this.#options.highWaterMark;
    if (!isFull || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #readEnd(): void {
    this.#isInputOver = true;
    this.#serve();
  }

  /** Gives those who wait what there is. */
  #serve(): void {
    for (let left = this.#waiting; left > 0; left--) {
      const message = this.#next();
      if (!message) return;
      this.#queue.push(message);
    }
  }

  #next(): Uint8Array | undefined {
    const held = this.#held;
    if (held) {
      this.#held = undefined;
      return held;
    }
    if (this.#isBroken) return undefined;
    try {
      return this.#decode();
    } catch (cause) {
      this.#fail(toNetworkError(cause));
      return undefined;
    }
  }

  #decode(): Uint8Array | undefined {
    for (;;) {
      const message = this.#decoder.next();
      this.#consumed(message?.byteLength ?? this.#decoding);
      if (message) return message;
      const chunk = this.#chunks.shift();
      if (!chunk) break;
      this.#decoding = chunk.length;
      this.#decoder.push(chunk);
    }
    if (this.#isInputOver && !this.#queue.ended) {
      this.#decoder.end();
      this.end();
    }
    return undefined;
  }

  /** A message that came in many chunks has been counted already. */
  #consumed(bytes: number): void {
    const count = Math.min(bytes, this.#decoding);
    this.#decoding -= count;
    this.#unread -= count;
    if (!this.#isPaused || this.#unread > this.#options.highWaterMark / 2) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #fail(error: NetworkError): void {
    this.#isBroken = true;
    this.#chunks.length = 0;
    this.end(error);
    this.#options.onFailure(error);
  }
}
