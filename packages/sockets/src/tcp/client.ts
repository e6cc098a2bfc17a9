import type { Socket } from "node:net";
import {
  abortable,
  ClosedError,
  linkSignals,
  NetworkError,
  systemClock,
  throwIfAborted,
} from "@net/core";
import { positiveTime, targetPort } from "../validate.ts";
import {
  type CloseTCPOptions,
  TCPConnection,
  type TCPConnectionOptions,
  type WaitOptions,
} from "./connection.ts";
import { openSocket } from "./open-socket.ts";
import type { TLSClientOptions } from "./tls.ts";

export interface TCPClientOptions extends TCPConnectionOptions {
  /** How long connecting may take, TLS included, in ms. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Encrypt: true checks the server's certificate against the system's authorities; an object says more. */
  readonly tls?: boolean | TLSClientOptions | undefined;
  /** Send at once instead of waiting for more to send (Nagle's algorithm). Default true. */
  readonly noDelay?: boolean | undefined;
  /** Let TCP probe a silent connection, after this many ms; true is 60,000. Default off. */
  readonly keepAlive?: boolean | number | undefined;
}

const DEFAULT_CONNECT_TIMEOUT = 10_000;
const DEFAULT_KEEP_ALIVE = 60_000;

/**
 * A TCP connection to one host and port.
 *
 * @example
 * ```ts
 * await using client = await TCPClient.connect("localhost", 7000, { framing: delimiter("\n") });
 * await client.send("PING");
 * const answer = await client.receive();
 * ```
 */
export class TCPClient implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #options: TCPClientOptions;
  readonly #closing = new AbortController();
  #opening: Promise<void> | undefined;
  #connection: TCPConnection | undefined;

  /**
   * @param host a name or an address; IPv6 without brackets.
   * @throws ValidationError if the port or an option is out of range.
   */
  constructor(host: string, port: number, options: TCPClientOptions = {}) {
    this.host = host;
    this.port = targetPort(port);
    positiveTime("timeout", options.timeout ?? DEFAULT_CONNECT_TIMEOUT);
    this.#options = options;
  }

  /** A client that is connected. See {@link TCPClient.connect} of the instance. */
  static async connect(
    host: string,
    port: number,
    options: TCPClientOptions = {},
  ): Promise<TCPClient> {
    const client = new TCPClient(host, port, options);
    await client.connect();
    return client;
  }

  /**
   * Connects; once connected, does nothing. After a failure it may be called again.
   *
   * @throws ConnectionError with the phase that failed; NetworkTimeoutError (`connect`); AbortedError.
   * @throws ClosedError after {@link TCPClient.close}.
   */
  async connect({ signal }: WaitOptions = {}): Promise<void> {
    throwIfAborted(signal);
    this.#opening ??= this.#open(signal).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    await abortable(this.#opening, signal);
  }

  /** Sends one message. See {@link TCPConnection.send}. @throws NetworkError `INVALID_STATE` before `connect`. */
  async send(message: string | Uint8Array, options?: WaitOptions): Promise<void> {
    await this.#connected().send(message, options);
  }

  /** The next message. See {@link TCPConnection.receive}. @throws NetworkError `INVALID_STATE` before `connect`. */
  async receive(options?: WaitOptions): Promise<Uint8Array | undefined> {
    return await this.#connected().receive(options);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#connected()[Symbol.asyncIterator]();
  }

  /** Ends politely, also while it is connecting; closing twice is once. */
  async close(options?: CloseTCPOptions): Promise<void> {
    this.#closing.abort();
    await this.#opening?.catch(() => {}); // Whoever called connect() learns it there.
    await this.#connection?.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #open(signal: AbortSignal | undefined): Promise<void> {
    this.#assertNotClosed();
    using linked = linkSignals([signal, this.#options.signal, this.#closing.signal]);
    try {
      const socket = await this.#openSocket(linked.signal);
      this.#connection = new TCPConnection(socket, this.#options);
      if (linked.signal.aborted) this.#connection.abort();
      throwIfAborted(linked.signal);
    } catch (error) {
      this.#assertNotClosed();
      throw error;
    }
  }

  #openSocket(signal: AbortSignal): Promise<Socket> {
    const { tls, noDelay = true, keepAlive, timeout, clock } = this.#options;
    return openSocket({
      host: this.host,
      port: this.port,
      tls: tls === true ? {} : tls || undefined,
      noDelay,
      keepAlive: keepAlive === true ? DEFAULT_KEEP_ALIVE : keepAlive || undefined,
      timeout: timeout ?? DEFAULT_CONNECT_TIMEOUT,
      clock: clock ?? systemClock,
      signal,
    });
  }

  #assertNotClosed(): void {
    if (this.#closing.signal.aborted) throw new ClosedError("this TCPClient was closed");
  }

  #connected(): TCPConnection {
    if (this.#connection) return this.#connection;
    this.#assertNotClosed();
    throw new NetworkError(
      "INVALID_STATE",
      "this TCPClient is not connected: await connect() first",
    );
  }
}
