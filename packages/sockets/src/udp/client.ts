import type { RemoteInfo } from "node:dgram";
import { isIP } from "node:net";
import {
  abortable,
  abortedError,
  type Clock,
  ClosedError,
  type NetworkError,
  onAbort,
  systemClock,
  throwIfAborted,
  toNetworkError,
  ValidationError,
  withoutMapping,
} from "@net/core";
import type { WaitOptions } from "../tcp/connection-options.ts";
import { targetPort } from "../validate.ts";
import { addressFor } from "./address-for.ts";
import { ask, askingOf, isAnswerFrom } from "./ask.ts";
import { type BoundSocket, bindSocket } from "./bind.ts";
import type { Datagram } from "./datagram.ts";
import { Inbox } from "./inbox.ts";
import { changeMembership } from "./membership.ts";
import { assertClientOptions, assertRequestOptions } from "./option-rules.ts";
import type { BroadcastOptions, RequestOptions, UDPClientOptions } from "./options.ts";
import { PendingRequests } from "./pending-requests.ts";
import { datagramOf, sendDatagram } from "./send-datagram.ts";

const LIMITED_BROADCAST = "255.255.255.255";

/**
 * A UDP socket. Datagrams may be lost, doubled and reordered on their way, and whoever does not receive fast enough
 * loses the newest: {@link UDPClient.dropped} counts those. What the system drops before cannot be seen.
 *
 * @example
 * ```ts
 * await using udp = await UDPClient.open();
 * const { data } = await udp.request("PING", "127.0.0.1", 7000, { retries: 3, timeout: 500 });
 * ```
 */
export class UDPClient implements AsyncIterable<Datagram>, AsyncDisposable {
  /** The address it is bound to. */
  readonly host: string;
  readonly port: number;
  readonly #bound: BoundSocket;
  readonly #options: UDPClientOptions;
  readonly #clock: Clock;
  readonly #inbox: Inbox;
  readonly #requests = new PendingRequests();
  readonly #gone = Promise.withResolvers<void>();
  #end: NetworkError | undefined;

  private constructor(bound: BoundSocket, inbox: Inbox, options: UDPClientOptions) {
    this.host = bound.host;
    this.port = bound.port;
    this.#bound = bound;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#inbox = inbox;
    this.#watch(options.signal);
  }

  /**
   * Opens a socket, on loopback unless `host` says otherwise.
   *
   * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`; ValidationError; AbortedError.
   */
  static async open(options: UDPClientOptions = {}): Promise<UDPClient> {
    assertClientOptions(options);
    if (options.host !== undefined && !isIP(options.host)) {
      throw new ValidationError(
        `host must be an IP address of this machine, not "${options.host}"`,
      );
    }
    const inbox = new Inbox(options.queue);
    return new UDPClient(await bindSocket(options), inbox, options);
  }

  /** Datagrams that were dropped here, because too many waited to be received. */
  get dropped(): number {
    return this.#inbox.dropped;
  }

  /**
   * Sends one datagram, text as UTF-8. Resolves when the system took it, which says nothing about its arrival.
   *
   * @throws ValidationError (`FRAME_TOO_LARGE`) over 65,507 bytes, or what the way there carries.
   * @throws ConnectionError `UNREACHABLE`, `NAME_NOT_FOUND`; PermissionError; ClosedError; AbortedError.
   */
  async send(
    message: string | Uint8Array,
    host: string,
    port: number,
    { signal }: WaitOptions = {},
  ): Promise<void> {
    this.#assertSendable(signal);
    const bytes = datagramOf(message);
    targetPort(port);
    const address = await this.#addressOf(host, signal);
    this.#assertSendable(signal);
    await abortable(sendDatagram(this.#bound, bytes, address, port), signal);
  }

  /** The next datagram that is no answer to a request; undefined once the client is closed. @throws AbortedError */
  async receive({ signal }: WaitOptions = {}): Promise<Datagram | undefined> {
    return await this.#inbox.take(signal);
  }

  /** The datagrams, until the client is closed. Leaving the loop does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, void, undefined> {
    for (let next = await this.receive(); next; next = await this.receive()) yield next;
  }

  /**
   * Sends a datagram and resolves with the answer: the first one from that address and port that `isAnswer` accepts. It
   * is sent again, unchanged, while none comes; the other side may therefore get it more than once.
   *
   * @throws NetworkTimeoutError (`call`) when no answer came to any of them.
   * @throws whatever {@link UDPClient.send} throws, and what `isAnswer` throws.
   */
  async request(
    message: string | Uint8Array,
    host: string,
    port: number,
    options: RequestOptions = {},
  ): Promise<Datagram> {
    assertRequestOptions(options);
    const { signal, isAnswer } = options;
    const asking = askingOf(options, this.#clock);
    this.#assertSendable(signal);
    const bytes = datagramOf(message);
    targetPort(port);
    const address = await this.#addressOf(host, signal);
    this.#assertSendable(signal);
    using pending = this.#requests.add(isAnswerFrom(address, port, isAnswer));
    const send = (): Promise<void> => sendDatagram(this.#bound, bytes, address, port);
    return await ask(send, pending.answer, asking, `${host} port ${port}`);
  }

  /**
   * Receives what is sent to that multicast group. Bind to `0.0.0.0` or `::` (or, on Linux, to the group) for that.
   *
   * @param networkInterface where to listen for it: a name (`eth0`) or an address. Default: the system's choice.
   * @throws ValidationError if the group is no multicast address, or there is no such interface; ConnectionError.
   */
  joinMulticast(group: string, networkInterface?: string): void {
    if (this.#end) throw this.#end;
    changeMembership("join", this.#bound, group, networkInterface);
  }

  /** Ends {@link UDPClient.joinMulticast}, with the same arguments. */
  leaveMulticast(group: string, networkInterface?: string): void {
    if (this.#end) throw this.#end;
    changeMembership("leave", this.#bound, group, networkInterface);
  }

  /**
   * Sends one datagram to everybody on the local network. IPv4 only: IPv6 has multicast to `ff02::1` instead.
   *
   * @throws NetworkError like {@link UDPClient.send}.
   */
  async broadcast(
    message: string | Uint8Array,
    port: number,
    { address = LIMITED_BROADCAST, signal }: BroadcastOptions = {},
  ): Promise<void> {
    this.#assertSendable(signal);
    if (this.#bound.family === 6) {
      throw new ValidationError("IPv6 has no broadcast: send to the multicast group ff02::1");
    }
    this.#bound.socket.setBroadcast(true);
    await this.send(message, address, port, { signal });
  }

  /** Ends it at once; closing twice is once. */
  async close(): Promise<void> {
    this.#finish(undefined);
    await this.#gone.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #watch(signal: AbortSignal | undefined): void {
    const { socket } = this.#bound;
    socket.on("message", (data, from) => this.#receive(data, from));
    socket.on("error", (error) => this.#finish(toNetworkError(error, { phase: "open" })));
    const listener = onAbort(signal, () => signal && this.#finish(abortedError(signal)));
    socket.once("close", () => {
      listener[Symbol.dispose]();
      this.#gone.resolve();
    });
  }

  #receive(data: Uint8Array, { address, port }: RemoteInfo): void {
    const datagram = { data, host: withoutMapping(address), port };
    if (!this.#requests.take(datagram)) this.#inbox.add(datagram);
  }

  /** The first reason counts. */
  #finish(error: NetworkError | undefined): void {
    if (this.#end) return;
    this.#end = error ?? new ClosedError(`the UDP socket at ${this.#name()} was closed`);
    this.#inbox.end(error);
    this.#requests.end(this.#end);
    this.#bound.socket.close();
  }

  #assertSendable(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
  }

  #addressOf(host: string, signal: AbortSignal | undefined): Promise<string> {
    return addressFor(host, this.#bound.family, this.#options.lookup, signal);
  }

  #name(): string {
    return `${this.host} port ${this.port}`;
  }
}
