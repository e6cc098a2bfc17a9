import { abortedError, type NetworkError, OverloadedError, onAbort } from "@net/core";
import type { Message, PlatformSocket } from "../socket/socket.ts";
import { sizeOf } from "./message-size.ts";

/** What happens to a message for which there is no room. */
export type Overflow = "reject" | "drop-oldest" | "block";

export interface OutboxOptions {
  /** Bytes that may wait here. */
  readonly capacity: number;
  readonly overflow: Overflow;
  /** Bytes that may wait in the socket. */
  readonly highWaterMark: number;
}

interface Waiting {
  readonly message: Message;
  readonly sent: PromiseWithResolvers<void>;
}

/** Of a message that needed no waiting. */
const sentAtOnce = Promise.resolve();

/** Messages on their way to a socket: bounded, in order, and withdrawn without a trace while they wait. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;
  #socket: PlatformSocket | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether no message waits to be sent. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Resolves when the message was handed to a socket that had room.
   *
   * @throws OverloadedError when too much waits already, or, dropping the oldest, too much came after it; AbortedError.
   * In either case the message was not sent.
   */
  send(message: Message, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortedError(signal));
    if (this.#waiting.size === 0 && this.#handOver(message)) return sentAtOnce;
    return this.#wait(message, signal);
  }

  /** Where messages go from now on; undefined while there is no connection. */
  connect(socket: PlatformSocket | undefined): void {
    this.#socket = socket;
    this.flush();
  }

  /** Hands over what fits. To be called whenever the socket has sent something. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    for (const next of this.#waiting) {
      if (!this.#handOver(next.message)) return;
      this.#remove(next);
      next.sent.resolve();
    }
  }

  /** Nothing will be sent any more. */
  fail(error: NetworkError): void {
    for (const waiting of this.#waiting) {
      this.#remove(waiting);
      waiting.sent.reject(error);
    }
  }

  #handOver(message: Message): boolean {
    const socket = this.#socket;
    if (!socket?.isOpen || socket.bufferedBytes > this.#options.highWaterMark) return false;
    socket.send(message);
    return true;
  }

  async #wait(message: Message, signal: AbortSignal | undefined): Promise<void> {
    this.#makeRoom(sizeOf(message));
    const waiting = { message, sent: Promise.withResolvers<void>() };
    this.#waiting.add(waiting);
    this.#bytes += sizeOf(message);
    using _listener = onAbort(signal, () => {
      this.#remove(waiting);
      if (signal) waiting.sent.reject(abortedError(signal));
    });
    await waiting.sent.promise;
  }

  /** An empty outbox takes any message: a single large one must pass. */
  #makeRoom(bytes: number): void {
    const { capacity, overflow } = this.#options;
    // Whoever awaits each send has one message here, and is blocked by that alone.
    if (overflow === "block") return;
    for (const oldest of this.#waiting) {
      if (this.#bytes + bytes <= capacity) return;
      const full = `${this.#bytes} bytes wait to be sent, and the buffer takes ${capacity}`;
      if (overflow === "reject") throw new OverloadedError(full);
      this.#remove(oldest);
      oldest.sent.reject(new OverloadedError(`dropped for a newer message: ${full}`));
    }
  }

  #remove(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#bytes -= sizeOf(waiting.message);
  }
}
