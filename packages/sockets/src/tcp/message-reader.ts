import type { Socket } from "node:net";
import { AsyncQueue, type NetworkError, toNetworkError } from "@net/core";
import type { Framing, MessageDecoder } from "../framing/framing.ts";

/** What a waiting message weighs beside its bytes, so that empty ones are not free. */
const MESSAGE_OVERHEAD_BYTES = 64;

/**
 * Turns what a socket reads into a bounded queue of messages. When the queue is full the socket is paused, so
 * that a slow reader slows the sender down instead of filling the memory.
 */
export class MessageReader {
  readonly #socket: Socket;
  readonly #decoder: MessageDecoder;
  readonly #queue: AsyncQueue<Uint8Array>;
  readonly #onFailure: (error: NetworkError) => void;
  /** Decoded when the queue had no room for it. */
  #held: Uint8Array | undefined;
  #inputEnded = false;

  /** @param onFailure is told when the bytes are no messages; the queue has ended with the error then. */
  constructor(
    socket: Socket,
    framing: Framing,
    capacity: number,
    onFailure: (error: NetworkError) => void,
  ) {
    this.#socket = socket;
    this.#decoder = framing.decoder();
    this.#onFailure = onFailure;
    this.#queue = new AsyncQueue<Uint8Array>({
      capacity,
      sizeOf: (message) => message.byteLength + MESSAGE_OVERHEAD_BYTES,
      onRoom: () => this.#pump(),
    });
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("end", () => this.#readEnd());
  }

  /** Whether a message waits to be taken. */
  get hasUnread(): boolean {
    return this.#queue.size > 0;
  }

  take(signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    return this.#queue.take({ signal });
  }

  /** No more messages; those that wait are still taken, then `error` rejects, or undefined comes. */
  end(error?: NetworkError): void {
    this.#queue.end(error);
    this.#held = undefined;
  }

  /** The socket is gone. If the input ended before, what is left of it is still decoded. */
  lost(error: NetworkError): void {
    if (!this.#inputEnded) this.end(error);
  }

  #read(chunk: Buffer): void {
    if (this.#queue.ended) return;
    this.#decoder.push(chunk);
    this.#pump();
  }

  #readEnd(): void {
    this.#inputEnded = true;
    this.#pump();
  }

  #pump(): void {
    if (this.#queue.ended) return;
    try {
      if (!this.#fillQueue()) return void this.#socket.pause();
      if (!this.#inputEnded) return void this.#socket.resume();
      this.#decoder.end();
      this.end();
    } catch (cause) {
      const error = toNetworkError(cause);
      this.end(error);
      this.#onFailure(error);
    }
  }

  /** False when the queue is full. */
  #fillQueue(): boolean {
    for (let message = this.#next(); message; message = this.#next()) {
      const answer = this.#queue.push(message);
      if (answer === "refused") this.#held = message;
      if (answer !== "more") return false;
    }
    return true;
  }

  #next(): Uint8Array | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held ?? this.#decoder.next();
  }
}
