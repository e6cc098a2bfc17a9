import {
  ClosedError,
  DEFAULT_HIGH_WATER_MARK,
  EventPublisher,
  linkSignals,
  NetworkError,
  throwIfAborted,
} from "@net/core";
import { type Endpoint, formatAddress } from "./address.ts";
import type { TCPClientEvents, TCPClientState } from "./client-events.ts";
import type { TCPClientOptions } from "./client-options.ts";
import type { TCPConnection } from "./connection.ts";
import { type CloseTCPOptions, closeTimeout, type WaitOptions } from "./connection-options.ts";
import { type Destination, destinationOf } from "./destination.ts";
import { Dialler } from "./dialler.ts";
import { keepConnected } from "./keep-connected.ts";
import { MessageIterator } from "./message-iterator.ts";
import { assertClientOptions } from "./option-rules.ts";
import { type Reconnector, reconnectorOf } from "./reconnect.ts";
import { SharedAttempt } from "./shared-attempt.ts";
import { Succession } from "./succession.ts";

/**
 * A TCP connection to one host and port, or to a Unix socket or pipe.
 *
 * With `reconnect` it comes back, also when the server ended the connection politely. TCP cannot tell what arrived:
 *
 * - What was sent on a connection that then died may or may not have arrived. It is not sent again.
 * - `send` waits while there is no connection; what waits is written once there is one.
 * - Every connection begins with a fresh framing state: a message that was cut off is dropped, whole ones are kept.
 * - `receive` goes on with the next connection's messages; the `retry` event says that there may be a gap.
 * - Who does not read does not come back for ever: with two connections' messages unread, it waits for the reader.
 *
 * @example
 * ```ts
 * await using client = await TCPClient.connect("localhost", 7000, { framing: delimiter("\n") });
 * await client.send("PING");
 * const answer = await client.receive();
 * ```
 */
export class TCPClient
  extends EventPublisher<TCPClientEvents>
  implements AsyncIterable<Uint8Array>, AsyncDisposable
{
  /** Where it leads: `tcp://host:port`, or `unix:path`. */
  readonly address: string;
  readonly #endpoint: Endpoint;
  readonly #options: TCPClientOptions;
  readonly #dialler: Dialler;
  readonly #reconnector: Reconnector | undefined;
  readonly #closing = new AbortController();
  #opening: SharedAttempt | undefined;
  #connection: TCPConnection | undefined;
  /** Only with `reconnect`. */
  #succession: Succession | undefined;
  #over: Promise<void> | undefined;
  #state: TCPClientState = "idle";

  /**
   * @param host a name or an address; IPv6 without brackets.
   * @throws ValidationError if the port or an option is not what it must be, or there is no such option.
   */
  constructor(host: string, port: number, options?: TCPClientOptions);
  constructor(endpoint: Endpoint, options?: TCPClientOptions);
  constructor(...to: Destination) {
    super();
    const [endpoint, options] = destinationOf(to);
    assertClientOptions(options);
    this.#endpoint = endpoint;
    this.address = formatAddress(endpoint);
    this.#options = options;
    this.#dialler = new Dialler(endpoint, options);
    this.#reconnector = this.#makeReconnector(options);
  }

  /** A client that is connected. See {@link TCPClient.connect} of the instance. */
  static async connect(host: string, port: number, options?: TCPClientOptions): Promise<TCPClient>;
  static async connect(endpoint: Endpoint, options?: TCPClientOptions): Promise<TCPClient>;
  static async connect(...to: Destination): Promise<TCPClient> {
    const client = new TCPClient(...destinationOf(to));
    await client.connect();
    return client;
  }

  /** The host it connects to, as it was given; empty for a Unix socket or pipe. */
  get host(): string {
    return "path" in this.#endpoint ? "" : this.#endpoint.host;
  }

  /** The port it connects to; 0 for a Unix socket or pipe. */
  get port(): number {
    return "path" in this.#endpoint ? 0 : this.#endpoint.port;
  }

  get state(): TCPClientState {
    return this.#state;
  }

  /**
   * Connects; once connected, does nothing. After a failure it may be called again. With `reconnect`, a failure that
   * may pass is tried again, until everybody who waits for it has aborted.
   *
   * @throws ConnectionError with the phase that failed; NetworkTimeoutError (`connect`); AbortedError.
   * @throws ClosedError after {@link TCPClient.close}, and when the connection is over.
   */
  async connect({ signal }: WaitOptions = {}): Promise<void> {
    throwIfAborted(signal);
    this.#assertNotClosed();
    this.#opening ??= new SharedAttempt((wanted) => this.#open(wanted));
    const opening = this.#opening;
    try {
      await opening.wait(signal);
    } catch (error) {
      if (opening.isOver) this.#failed(opening);
      throw error;
    }
  }

  /** Sends one message. See {@link TCPConnection.send}. @throws NetworkError `INVALID_STATE` before `connect`. */
  send(message: string | Uint8Array, options?: WaitOptions): Promise<void> {
    const target = this.#succession ?? this.#connection;
    return target ? target.send(message, options) : this.#notConnected();
  }

  /** The next message. See {@link TCPConnection.receive}. @throws NetworkError `INVALID_STATE` before `connect`. */
  receive(options?: WaitOptions): Promise<Uint8Array | undefined> {
    const source = this.#succession ?? this.#connection;
    return source ? source.receive(options) : this.#notConnected();
  }

  /** The next message if it has come already. See {@link TCPConnection.poll}. */
  poll(): Uint8Array | undefined {
    return (this.#succession ?? this.#connection)?.poll();
  }

  /** The messages, until there are no more. Leaving the loop does not close the client. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined, undefined> {
    return new MessageIterator(this);
  }

  /**
   * Half-close: says that nothing more will be sent, and goes on receiving. See {@link TCPConnection.end}.
   *
   * @throws NetworkError `UNSUPPORTED` with `reconnect`: who comes back has not finished.
   */
  async end(options?: WaitOptions): Promise<void> {
    if (!this.#reconnector) return await (this.#connection?.end(options) ?? this.#notConnected());
    throw new NetworkError("UNSUPPORTED", "a client that reconnects cannot half-close: close() it");
  }

  /** Ends politely, also while it is connecting; closing twice is once. @throws ValidationError as {@link TCPConnection.close}. */
  async close(options?: CloseTCPOptions): Promise<void> {
    closeTimeout(options);
    this.#closing.abort();
    await this.#opening?.settled;
    await (this.#succession?.connection ?? this.#connection)?.close(options);
    await this.#over;
    this.#enter("closed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #makeReconnector(options: TCPClientOptions): Reconnector | undefined {
    return reconnectorOf(options, (event) => {
      this.#enter("waiting");
      this.emit("retry", event);
    });
  }

  async #open(signal: AbortSignal): Promise<void> {
    using linked = linkSignals([signal, this.#options.signal, this.#closing.signal]);
    const dial = (attempt: AbortSignal): Promise<TCPConnection> => this.#dial(attempt);
    try {
      const opened = this.#reconnector?.open(dial, linked.signal) ?? dial(linked.signal);
      this.#use(await opened);
    } catch (error) {
      this.#assertNotClosed();
      throw error;
    }
  }

  /** The next `connect` tries anew. */
  #failed(opening: SharedAttempt): void {
    if (this.#opening !== opening) return;
    this.#opening = undefined;
    if (!this.#closing.signal.aborted) this.#enter("idle");
  }

  async #dial(signal: AbortSignal): Promise<TCPConnection> {
    this.#enter("connecting");
    const connection = await this.#dialler.dial(signal);
    this.#enter("open");
    return connection;
  }

  #use(connection: TCPConnection): void {
    if (!this.#reconnector) {
      this.#connection = connection;
      this.#over = connection.closed.then(() => this.#enter("closed"));
      return;
    }
    const { signal, highWaterMark = DEFAULT_HIGH_WATER_MARK } = this.#options;
    const succession = new Succession(connection, highWaterMark);
    this.#succession = succession;
    this.#over = keepConnected(succession, this.#reconnector, {
      dial: (attempt) => this.#dial(attempt),
      closing: this.#closing.signal,
      signal,
    }).then(() => this.#enter("closed"));
  }

  #enter(state: TCPClientState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.emit("state", state);
  }

  #assertNotClosed(): void {
    if (this.#closing.signal.aborted) throw new ClosedError("this TCPClient was closed");
    if (this.#state !== "closed") return;
    throw new ClosedError(`the connection to ${this.address} is over: make another TCPClient`);
  }

  async #notConnected(): Promise<never> {
    this.#assertNotClosed();
    throw new NetworkError(
      "INVALID_STATE",
      "this TCPClient is not connected: await connect() first",
    );
  }
}
