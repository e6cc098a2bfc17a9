import { AsyncQueue } from "@net/core";
import type { Message } from "../socket/socket.ts";
import { sizeOf } from "./message-size.ts";

export interface InboxOptions {
  /** Bytes that may wait. */
  readonly capacity: number;
  /** Who hears messages at once, instead of their waiting here. Asked for each. */
  readonly listener: () => ((message: Message) => void) | undefined;
  /** There is room again after `push` said false. */
  readonly onRoom: () => void;
}

/** Messages that came and wait for a reader. */
export class Inbox {
  readonly #queue: AsyncQueue<Message>;
  readonly #listener: InboxOptions["listener"];
  readonly #onRoom: () => void;
  /** A paused socket still delivers what it had read, at most one read of 64 KiB; one that cannot pause, more. */
  readonly #late: Message[] = [];
  #lateBytes = 0;
  #isDraining = false;
  #ending: { readonly error: unknown } | undefined;

  constructor({ capacity, listener, onRoom }: InboxOptions) {
    this.#queue = new AsyncQueue({ capacity, sizeOf, onRoom: () => this.#refill() });
    this.#listener = listener;
    this.#onRoom = onRoom;
  }

  /** What the waiting messages weigh. */
  get size(): number {
    return this.#queue.size + this.#lateBytes;
  }

  /** Takes a message; false asks for a pause until `onRoom`. */
  push(message: Message): boolean {
    if (this.#ending) return true;
    const listener = this.#listener();
    if (listener && this.#queue.size === 0 && !this.#isDraining) {
      listener(message);
      return true;
    }
    if (this.#late.length > 0) return this.#hold(message);
    const answer = this.#queue.push(message);
    return answer === "refused" ? this.#hold(message) : answer === "more";
  }

  /** The next message; undefined once ended. */
  take(signal: AbortSignal | undefined): Promise<Message | undefined> {
    return this.#queue.take({ signal });
  }

  /** A listener has come: it gets first what waits, in order. */
  async drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    while (this.#queue.size > 0) {
      const listener = this.#listener();
      if (!listener) break;
      const message = await this.#queue.take();
      if (message !== undefined) listener(message);
    }
    this.#isDraining = false;
  }

  /** No more messages; those that wait are still taken, then `error` rejects, or undefined comes. */
  end(error?: unknown): void {
    this.#ending ??= { error };
    if (this.#late.length === 0) this.#queue.end(this.#ending.error);
  }

  #hold(message: Message): false {
    this.#late.push(message);
    this.#lateBytes += sizeOf(message);
    return false;
  }

  #refill(): void {
    for (let message = this.#late[0]; message !== undefined; message = this.#late[0]) {
      const answer = this.#queue.push(message);
      if (answer === "refused") return;
      this.#late.shift();
      this.#lateBytes -= sizeOf(message);
      if (answer === "full") return;
    }
    if (this.#ending) this.#queue.end(this.#ending.error);
    else this.#onRoom();
  }
}
