import { AsyncQueue, type Emitter } from "@net/core";
import type { Message } from "../socket/socket.ts";
import type { ClientEvents } from "./client-events.ts";
import { sizeOf } from "./message-size.ts";

export interface InboxOptions {
  /** Bytes that may wait before `push` asks for a pause. */
  readonly highWaterMark: number;
  /** While `message` has listeners, they hear messages at once, instead of their waiting here. */
  readonly events: Emitter<ClientEvents>;
  /** Half of that is free again, after `push` said false. */
  readonly onRoom: () => void;
}

/** Messages that came and wait for a reader. */
export class Inbox {
  readonly #options: InboxOptions;
  /**
   * Takes what comes after the high-water mark too: a paused socket still delivers what it had read, at most 64 KiB,
   * and where it cannot be paused, the connection minds.
   */
  readonly #queue = new AsyncQueue<Message>({ capacity: Number.POSITIVE_INFINITY, sizeOf });
  #isFull = false;
  #isDraining = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** What the waiting messages weigh. */
  get size(): number {
    return this.#queue.size;
  }

  /** Takes a message; false asks for a pause until `onRoom`. Once ended, messages are dropped. */
  push(message: Message): boolean {
    if (this.#queue.ended) return true;
    const { events, highWaterMark } = this.#options;
    if (this.#queue.size === 0 && events.listenerCount("message") > 0) {
      events.emit("message", message);
      return true;
    }
    this.#queue.push(message);
    if (this.#queue.size < highWaterMark) return true;
    this.#isFull = true;
    return false;
  }

  /** The next message; undefined once ended. */
  take(signal: AbortSignal | undefined): Promise<Message | undefined> {
    if (!signal?.aborted) {
      const message = this.poll();
      if (message !== undefined) return Promise.resolve(message);
    }
    return this.#queue.take({ signal });
  }

  /** The next message, if one waits. */
  poll(): Message | undefined {
    const message = this.#queue.poll();
    if (this.#isFull && this.#queue.size <= this.#options.highWaterMark / 2) {
      this.#isFull = false;
      this.#options.onRoom();
    }
    return message;
  }

  /** A listener has come: it gets first what waits, in order, but not within the call that added it. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    queueMicrotask(() => {
      const { events } = this.#options;
      while (this.#queue.size > 0 && events.listenerCount("message") > 0) {
        events.emit("message", this.poll() as Message);
      }
      this.#isDraining = false;
    });
  }

  /** No more messages; those that wait are still taken, then `error` rejects, or undefined comes. */
  end(error?: unknown): void {
    this.#queue.end(error);
  }
}
