import type { Socket } from "node:net";
import {
  abortable,
  abortedError,
  type Clock,
  IdleTimer,
  type NetworkError,
  onAbort,
  throwIfAborted,
} from "@net/core";
import { bytesOf } from "../message-bytes.ts";
import { connectedAddress, type SocketPath } from "./address.ts";
import { closedHere, idleError, lostError, notWritableError } from "./connection-errors.ts";
import {
  type CloseTCPOptions,
  closeTimeout,
  connectionSettings,
  type TCPConnectionOptions,
  type WaitOptions,
} from "./connection-options.ts";
import { halfClose } from "./half-close.ts";
import { MessageIterator } from "./message-iterator.ts";
import { MessageReader } from "./message-reader.ts";
import { Outbox } from "./outbox.ts";

/** What a `send` that need not wait resolves with: one for all of them. */
const SENT: Promise<void> = Promise.resolve();

/** One open TCP connection that carries messages, as a {@link Framing} cuts them. A server gets one per client. */
export class TCPConnection implements AsyncIterable<Uint8Array>, AsyncDisposable {
  /** The other end: `tcp://host:port`, or `unix:path`. */
  readonly remoteAddress: string;
  /** This end: `tcp://host:port`, or `unix:path`. */
  readonly localAddress: string;
  /** Resolves once the connection is over and let go, for whatever reason. */
  readonly closed: Promise<void>;

  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #reader: MessageReader;
  readonly #outbox: Outbox;
  readonly #idle: IdleTimer;
  readonly #gone = Promise.withResolvers<void>();
  #end: NetworkError | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param socket open, and not read by anybody else; the connection owns it from now on.
   * @param path where it leads, if that is a Unix socket or pipe: such sockets do not know it themselves.
   * @throws ValidationError if an option is out of range.
   */
  constructor(socket: Socket, options: TCPConnectionOptions = {}, path?: SocketPath | undefined) {
    const { framing, highWaterMark, idleTimeout, clock } = connectionSettings(options);
    this.#socket = socket;
    this.#clock = clock;
    this.closed = this.#gone.promise;
    this.remoteAddress = connectedAddress(path, socket.remoteAddress, socket.remotePort);
    this.localAddress = connectedAddress(path, socket.localAddress, socket.localPort);
    const onFailure = (error: NetworkError): void => this.#fail(error);
    const onProgress = (): void => this.#idle.touch();
    this.#reader = new MessageReader(socket, { framing, highWaterMark, onProgress, onFailure });
    const address = this.remoteAddress;
    this.#outbox = new Outbox(socket, { framing, highWaterMark, address, onProgress });
    const onIdle = (): void => onFailure(idleError(idleTimeout));
    this.#idle = new IdleTimer({ clock, timeout: idleTimeout, onIdle });
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
   * @throws ValidationError if it is neither text nor bytes, or the framing cannot carry it.
   * @throws OverloadedError when four high-water marks wait, because earlier sends were not awaited; nothing was sent.
   * @throws ClosedError, ConnectionError (`CONNECTION_LOST`), AbortedError.
   */
  send(message: string | Uint8Array, options?: WaitOptions): Promise<void> {
    try {
      const signal = options?.signal;
      throwIfAborted(signal);
      this.#assertSendable();
      const room = this.#outbox.add(bytesOf(message));
      if (!room) return SENT;
      return signal ? abortable(room, signal) : room;
    } catch (error) {
      return Promise.reject(error as NetworkError);
    }
  }

  /**
   * The next message; undefined once the connection has ended, from either side, and all before was taken.
   *
   * @throws ProtocolError when the bytes break the framing, or the stream ends inside a message.
   * @throws ConnectionError (`CONNECTION_LOST`) when it died; NetworkTimeoutError (`idle`); AbortedError.
   */
  receive(options?: WaitOptions): Promise<Uint8Array | undefined> {
    return this.#reader.take(options?.signal);
  }

  /** The next message if it has come already, without a promise; undefined otherwise, whether more come or not. */
  poll(): Uint8Array | undefined {
    return this.#reader.poll();
  }

  /** The messages, until the connection ends. Leaving the loop does not close it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined, undefined> {
    return new MessageIterator(this.#reader);
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
    this.#outbox.flush();
    const whyLost = (): NetworkError => this.#end ?? lostError(this.remoteAddress);
    await abortable(halfClose(this.#socket, this.closed, whyLost), signal);
  }

  /**
   * Ends politely: what was sent still leaves. Bounded in time; closing twice is once.
   *
   * @throws ValidationError if the time-out is none; nothing was closed then. It rejects with nothing else.
   */
  async close(options?: CloseTCPOptions): Promise<void> {
    const timeout = closeTimeout(options);
    this.#closing ??= this.#closePolitely(timeout);
    await this.#closing;
  }

  /** Ends at once: what waits to leave is dropped. */
  abort(): void {
    this.#fail(closedHere(this.remoteAddress));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #watch(signal: AbortSignal | undefined): void {
    const socket = this.#socket;
    const listener = onAbort(signal, () => signal && this.#fail(abortedError(signal)));
    socket.on("error", (error) => this.#fail(lostError(this.remoteAddress, error)));
    socket.on("close", () => {
      listener[Symbol.dispose]();
      this.#idle[Symbol.dispose]();
      this.#fail(this.#end ?? lostError(this.remoteAddress));
      this.#gone.resolve();
    });
  }

  #assertSendable(): void {
    if (this.#end) throw this.#end;
    // Within a tick a socket stays writable: looking again for each small message would cost as much as copying it.
    if (!this.#outbox.isCollecting && !this.#socket.writable) {
      const { readableEnded, destroyed } = this.#socket;
      throw notWritableError(this.remoteAddress, readableEnded || destroyed);
    }
  }

  async #closePolitely(timeout: number): Promise<void> {
    this.#outbox.flush();
    this.#end ??= closedHere(this.remoteAddress);
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
    this.#outbox.end(this.#end);
    this.#socket.destroy();
  }
}
