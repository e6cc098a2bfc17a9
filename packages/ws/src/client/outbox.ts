import {
  abortedError,
  type NetworkError,
  OverloadedError,
  onAbort,
  throwIfAborted,
} from "@net/core";
import type { Message, PlatformSocket } from "../socket/socket.ts";
import { sizeOf } from "./message-size.ts";

export interface OutboxOptions {
  /** Bytes that may wait here. */
  readonly capacity: number;
  /** Bytes that may wait in the socket. */
  readonly highWaterMark: number;
}

interface Waiting {
  readonly message: Message;
  readonly sent: PromiseWithResolvers<void>;
}

/** Messages on their way to a socket: bounded, in order, and withdrawn without a trace while they wait. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #socket: PlatformSocket | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the message was handed to a socket that had room.
   *
   * @throws OverloadedError when too much waits already; AbortedError: the message was not sent.
   */
  async send(message: Message, signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (this.#waiting.length === 0 && this.#handOver(message)) return;
    const waiting = this.#add(message);
    using _listener = onAbort(
      signal,
      () => signal && this.#withdraw(waiting, abortedError(signal)),
    );
    await waiting.sent.promise;
  }

  /** Where messages go from now on; undefined while there is no connection. */
  connect(socket: PlatformSocket | undefined): void {
    this.#socket = socket;
    this.flush();
  }

  /** Hands over what fits. To be called whenever the socket has sent something. */
  flush(): void {
    for (
      let next = this.#waiting[0];
      next && this.#handOver(next.message);
      next = this.#waiting[0]
    ) {
      this.#remove(next);
      next.sent.resolve();
    }
  }

  /** Nothing will be sent any more. */
  fail(error: NetworkError): void {
    this.#bytes = 0;
    for (const { sent } of this.#waiting.splice(0)) sent.reject(error);
  }

  #handOver(message: Message): boolean {
    const socket = this.#socket;
    if (!socket?.isOpen || socket.bufferedBytes > this.#options.highWaterMark) return false;
    socket.send(message);
    return true;
  }

  /** An empty outbox takes any message: a single large one must pass. */
  #add(message: Message): Waiting {
    const bytes = this.#bytes + sizeOf(message);
    if (this.#waiting.length > 0 && bytes > this.#options.capacity) {
      throw new OverloadedError(
        `${this.#bytes} bytes wait to be sent, and the buffer takes ${this.#options.capacity}`,
      );
    }
    const waiting = { message, sent: Promise.withResolvers<void>() };
    this.#waiting.push(waiting);
    this.#bytes = bytes;
    return waiting;
  }

  #withdraw(waiting: Waiting, reason: NetworkError): void {
    if (this.#waiting.includes(waiting)) this.#remove(waiting);
    waiting.sent.reject(reason);
  }

  #remove(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    this.#bytes -= sizeOf(waiting.message);
  }
}
