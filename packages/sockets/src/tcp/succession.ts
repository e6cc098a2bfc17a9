import {
  abortable,
  ClosedError,
  NetworkError,
  OVERLOAD_FACTOR,
  OverloadedError,
  throwIfAborted,
} from "@net/core";
import { bytesOf } from "../message-bytes.ts";
import type { TCPConnection } from "./connection.ts";
import type { WaitOptions } from "./connection-options.ts";

/** One of a client's connections, and the one that follows it. */
interface Era {
  readonly connection: TCPConnection;
  /** Undefined once the client was closed; rejects when it gave up. */
  readonly next: PromiseWithResolvers<Era | undefined>;
}

/**
 * A client's connections, one after the other. Senders use the latest, and wait for the next where it has ended;
 * receivers first take what the earlier ones left.
 */
export class Succession {
  readonly #highWaterMark: number;
  #reading: Era;
  #latest: Era;
  #waitingBytes = 0;
  #caughtUp: (() => void) | undefined;

  constructor(first: TCPConnection, highWaterMark: number) {
    this.#highWaterMark = highWaterMark;
    this.#reading = era(first);
    this.#latest = this.#reading;
  }

  get connection(): TCPConnection {
    return this.#latest.connection;
  }

  /** The latest connection has ended, and this one takes its place. */
  follow(connection: TCPConnection): void {
    const before = this.#latest;
    this.#latest = era(connection);
    before.next.resolve(this.#latest);
    this.#skipEmpty();
  }

  /** No more connections follow: with an error the client gave up, without one it was closed. */
  end(error?: NetworkError): void {
    if (error) this.#latest.next.reject(error);
    else this.#latest.next.resolve(undefined);
  }

  /** Resolves once at most the latest connection has messages that nobody has taken yet. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    while (this.#skipEmpty() !== this.#latest) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#caughtUp = resolve;
      await abortable(promise, signal);
    }
  }

  /** @throws ValidationError if it is neither text nor bytes; OverloadedError when four high-water marks wait for a connection. */
  async send(message: string | Uint8Array, options: WaitOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    const bytes = bytesOf(message);
    let { connection, next } = this.#latest;
    if (!connection.isOpen) {
      const size = bytes.byteLength;
      this.#reserve(size);
      try {
        ({ connection, next } = await this.#nextOpen(next.promise, options));
      } finally {
        this.#waitingBytes -= size;
      }
    }
    await connection.send(bytes, options);
  }

  /** The next message, if it has come. */
  poll(): Uint8Array | undefined {
    const message = this.#reading.connection.poll();
    if (message) this.#caughtUp?.();
    return message;
  }

  async receive(options: WaitOptions = {}): Promise<Uint8Array | undefined> {
    for (;;) {
      const reading = this.#reading;
      const message = await takeFrom(reading.connection, options.signal);
      this.#caughtUp?.();
      if (message) return message;
      const next = await abortable(reading.next.promise, options.signal);
      if (!next) return undefined;
      if (this.#reading === reading) this.#reading = next;
    }
  }

  /** Moves the reader past connections that left nothing. */
  #skipEmpty(): Era {
    let at = this.#reading;
    for (const later of this.#laterThan(at)) {
      if (at.connection.hasUnread) break;
      at = later;
    }
    this.#reading = at;
    return at;
  }

  /** Never more than one: a third connection is opened only when the reader has left the first. */
  #laterThan(reading: Era): readonly Era[] {
    return reading === this.#latest ? [] : [this.#latest];
  }

  #reserve(size: number): void {
    if (this.#waitingBytes > OVERLOAD_FACTOR * this.#highWaterMark) {
      throw new OverloadedError(
        `${this.#waitingBytes} bytes wait for a connection: await send() before sending more`,
      );
    }
    this.#waitingBytes += size;
  }

  async #nextOpen(first: Promise<Era | undefined>, { signal }: WaitOptions): Promise<Era> {
    let next = await abortable(first, signal);
    while (next && !next.connection.isOpen) next = await abortable(next.next.promise, signal);
    if (next) return next;
    throw new ClosedError("this TCPClient was closed");
  }
}

function era(connection: TCPConnection): Era {
  const next = Promise.withResolvers<Era | undefined>();
  // Whoever waits for it learns it; where nobody does, `state` says it.
  next.promise.catch(() => {});
  return { connection, next };
}

/** The next message; undefined once there are no more, for whatever reason: the successor's fate says more. */
async function takeFrom(
  connection: TCPConnection,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return await connection.receive({ signal });
  } catch (error) {
    throwIfAborted(signal);
    if (NetworkError.is(error)) return undefined;
    throw error;
  }
}
