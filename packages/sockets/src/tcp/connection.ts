import type { Socket } from "node:net";
import {
  abortable,
  abortedError,
  type Clock,
  ClosedError,
  DEFAULT_CLOSE_TIMEOUT,
  DEFAULT_HIGH_WATER_MARK,
  type NetworkError,
  NetworkTimeoutError,
  OVERLOAD_FACTOR,
  OverloadedError,
  onAbort,
  systemClock,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import type { Framing } from "../framing/framing.ts";
import { raw } from "../framing/raw.ts";
import { formatAddress, type SocketPath } from "./address.ts";
import { IdleTimer } from "./idle-timer.ts";
import { MessageReader } from "./message-reader.ts";
import { WriteBatch } from "./write-batch.ts";

export interface TCPConnectionOptions {
  /** How messages lie in the stream. Default `raw()`. */
  readonly framing?: Framing | undefined;
  /** Bytes that may wait in each direction before the sender is made to wait. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** Ends the connection after this much silence in both directions, in ms. Default none. */
  readonly idleTimeout?: number | undefined;
  /** Ends the connection when it aborts, at any time. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

export interface WaitOptions {
  /** Stops waiting; rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

export interface CloseTCPOptions {
  /** How long what was sent may take to leave, and the other side to end, in ms. Default 5000. */
  readonly timeout?: number | undefined;
}

/** One open TCP connection that carries messages, as a {@link Framing} cuts them. A server gets one per client. */
export class TCPConnection implements AsyncIterable<Uint8Array>, AsyncDisposable {
  /** The other end: `tcp://host:port`, or `unix:path`. */
  readonly remoteAddress: string;
  /** This end: `tcp://host:port`, or `unix:path`. */
  readonly localAddress: string;
  /** Resolves once the connection is over and let go, for whatever reason. */
  readonly closed: Promise<void>;

  readonly #socket: Socket;
  readonly #framing: Framing;
  readonly #highWaterMark: number;
  readonly #clock: Clock;
  readonly #reader: MessageReader;
  readonly #idle: IdleTimer;
  readonly #batch = new WriteBatch();
  readonly #gone = Promise.withResolvers<void>();
  #room: PromiseWithResolvers<void> | undefined;
  #end: NetworkError | undefined;
  #closing: Promise<void> | undefined;
  #flushing = false;

  /**
   * @param socket open, and not read by anybody else; the connection owns it from now on.
   * @param path where it leads, if that is a Unix socket or pipe: such sockets do not know it themselves.
   */
  constructor(socket: Socket, options: TCPConnectionOptions = {}, path?: SocketPath | undefined) {
    this.#socket = socket;
    this.#framing = options.framing ?? raw();
    this.#highWaterMark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    this.#clock = options.clock ?? systemClock;
    this.closed = this.#gone.promise;
    this.remoteAddress = path
      ? formatAddress(path)
      : addressOf(socket.remoteAddress, socket.remotePort);
    this.localAddress = path
      ? formatAddress(path)
      : addressOf(socket.localAddress, socket.localPort);
    this.#reader = new MessageReader(socket, this.#framing, this.#highWaterMark, (error) =>
      this.#fail(error),
    );
    const idleTimeout = options.idleTimeout ?? Number.POSITIVE_INFINITY;
    this.#idle = new IdleTimer(this.#clock, idleTimeout, () => this.#fail(idleError(idleTimeout)));
    this.#watch(options.signal);
  }

  /** Whether messages can be sent. False also once the other side has ended, unless half-open is allowed. */
  get isOpen(): boolean {
    return !this.#end && this.#socket.writable;
  }

  /** Why it ended; undefined while it has not. */
  get endReason(): NetworkError | undefined {
    return this.#end;
  }

  /** Whether messages were received that nobody has taken yet. */
  get hasUnread(): boolean {
    return this.#reader.hasUnread;
  }

  /**
   * Sends one message, text as UTF-8. Messages of one tick leave together. Resolves when no more than the high-water
   * mark waits to leave, which says nothing about its arrival; until then its bytes must not change. Aborting ends
   * only the waiting: the message is on its way.
   *
   * @throws ValidationError if the framing cannot carry it.
   * @throws OverloadedError when four high-water marks wait, because earlier sends were not awaited; nothing was sent.
   * @throws ClosedError, ConnectionError (`CONNECTION_LOST`), AbortedError.
   */
  async send(message: string | Uint8Array, { signal }: WaitOptions = {}): Promise<void> {
    throwIfAborted(signal);
    this.#assertSendable();
    const bytes = typeof message === "string" ? Buffer.from(message) : message;
    this.#write(this.#framing.encode(bytes));
    if (this.#bufferedBytes() <= this.#highWaterMark) return;
    this.#room ??= Promise.withResolvers();
    await abortable(this.#room.promise, signal);
  }

  /**
   * The next message; undefined once the connection has ended, from either side, and all before was taken.
   *
   * @throws ProtocolError when the bytes break the framing, or the stream ends inside a message.
   * @throws ConnectionError (`CONNECTION_LOST`) when it died; NetworkTimeoutError (`idle`); AbortedError.
   */
  receive({ signal }: WaitOptions = {}): Promise<Uint8Array | undefined> {
    return this.#reader.take(signal);
  }

  /** The messages, until the connection ends. Leaving the loop does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = await this.receive(); next; next = await this.receive()) yield next;
  }

  /**
   * Half-close: says that nothing more will be sent, and goes on receiving. Resolves once what was sent has left. The
   * other side can answer afterwards only if it allows half-open connections (`allowHalfOpen` of {@link TCPServer}).
   *
   * @throws ConnectionError (`CONNECTION_LOST`), ClosedError, AbortedError, which ends only the waiting.
   */
  async end({ signal }: WaitOptions = {}): Promise<void> {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
    this.#flush();
    const left = Promise.withResolvers<void>();
    this.#socket.end(() => {
      if (this.#socket.writableFinished) left.resolve();
    });
    const lost = this.closed.then(() => {
      if (!this.#socket.writableFinished) throw this.#end ?? this.#lost();
    });
    await abortable(Promise.race([left.promise, lost]), signal);
  }

  /** Ends politely: what was sent still leaves. Bounded in time, never rejects; closing twice is once. */
  close({ timeout = DEFAULT_CLOSE_TIMEOUT }: CloseTCPOptions = {}): Promise<void> {
    this.#closing ??= this.#closePolitely(timeout);
    return this.#closing;
  }

  /** Ends at once: what waits to leave is dropped. */
  abort(): void {
    this.#fail(this.#closedHere());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #watch(signal: AbortSignal | undefined): void {
    const socket = this.#socket;
    const listener = onAbort(signal, () => signal && this.#fail(abortedError(signal)));
    socket.on("data", () => this.#idle.touch());
    socket.on("error", (error) => this.#fail(this.#lost(error)));
    socket.on("close", () => {
      listener[Symbol.dispose]();
      this.#idle[Symbol.dispose]();
      this.#fail(this.#end ?? this.#lost());
      this.#gone.resolve();
    });
  }

  #assertSendable(): void {
    if (this.#end) throw this.#end;
    if (!this.#socket.writable) throw new ClosedError(this.#whyNotWritable());
    const waiting = this.#bufferedBytes();
    if (waiting > OVERLOAD_FACTOR * this.#highWaterMark) {
      throw new OverloadedError(
        `${waiting} bytes wait for ${this.remoteAddress}: await send() before sending more`,
      );
    }
  }

  #whyNotWritable(): string {
    const { remoteAddress } = this;
    if (this.#readEnded()) return `the connection to ${remoteAddress} was closed by the other side`;
    return `end() was called: nothing more can be sent to ${remoteAddress}`;
  }

  #readEnded(): boolean {
    return this.#socket.readableEnded || this.#socket.destroyed;
  }

  #bufferedBytes(): number {
    return this.#batch.bytes + this.#socket.writableLength;
  }

  #write(parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#batch.add(part);
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const parts = this.#batch.take();
    if (parts.length === 0 || !this.#socket.writable) return;
    this.#socket.cork();
    for (const part of parts) {
      this.#socket.write(part, (error) => {
        if (!error) this.#flushed();
      });
    }
    this.#socket.uncork();
  }

  #flushed(): void {
    this.#idle.touch();
    if (this.#bufferedBytes() > this.#highWaterMark) return;
    this.#room?.resolve();
    this.#room = undefined;
  }

  async #closePolitely(timeout: number): Promise<void> {
    this.#flush();
    this.#end ??= this.#closedHere();
    this.#reader.end();
    this.#socket.end();
    // Read on, into nothing: only then is the other side's end noticed.
    this.#socket.resume();
    using _timer = this.#clock.setTimeout(() => this.#socket.destroy(), timeout);
    await this.closed;
  }

  /** The first reason counts; whoever waits learns it. */
  #fail(error: NetworkError): void {
    this.#end ??= error;
    this.#reader.lost(this.#end);
    this.#room?.reject(this.#end);
    this.#room = undefined;
    this.#socket.destroy();
  }

  #lost(cause?: Error): NetworkError {
    if (!cause) return new ClosedError(`the connection to ${this.remoteAddress} has ended`);
    const address = this.remoteAddress;
    return toNetworkError(cause, { doing: "stay connected to", address, phase: "open" });
  }

  #closedHere(): ClosedError {
    return new ClosedError(`the connection to ${this.remoteAddress} was closed here`);
  }
}

function addressOf(host: string | undefined, port: number | undefined): string {
  return formatAddress({ host: host ?? "unknown", port: port ?? 0 });
}

function idleError(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`nothing was sent or received for ${timeoutMs} ms`, {
    kind: "idle",
    timeoutMs,
  });
}
