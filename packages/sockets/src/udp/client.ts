import type { RemoteInfo, Socket } from "node:dgram";
import { isIP } from "node:net";
import {
  abortable,
  abortedError,
  type Clock,
  ClosedError,
  type NetworkError,
  NetworkTimeoutError,
  onAbort,
  sleep,
  systemClock,
  throwIfAborted,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { withoutMapping } from "../tcp/address.ts";
import type { WaitOptions } from "../tcp/connection.ts";
import { resolveHost } from "../tcp/lookup.ts";
import { positiveTime, targetPort, wholeNumber } from "../validate.ts";
import { type BoundSocket, bindSocket } from "./bind.ts";
import { type Datagram, MAX_DATAGRAM_BYTES } from "./datagram.ts";
import { Inbox } from "./inbox.ts";
import { interfaceFor } from "./interfaces.ts";
import type { BroadcastOptions, RequestOptions, UDPClientOptions } from "./options.ts";
import { PendingRequests } from "./pending-requests.ts";
import { sendError } from "./send-error.ts";

const DEFAULT_RETRIES = 2;
const DEFAULT_REQUEST_TIMEOUT = 1_000;
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
  readonly #socket: Socket;
  readonly #family: 4 | 6;
  readonly #options: UDPClientOptions;
  readonly #clock: Clock;
  readonly #inbox: Inbox;
  readonly #requests = new PendingRequests();
  readonly #gone = Promise.withResolvers<void>();
  #end: NetworkError | undefined;

  private constructor(bound: BoundSocket, inbox: Inbox, options: UDPClientOptions) {
    this.host = bound.host;
    this.port = bound.port;
    this.#socket = bound.socket;
    this.#family = bound.family;
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
    await abortable(this.#sendTo(bytes, address, port), signal);
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
    const { retries = DEFAULT_RETRIES, timeout = DEFAULT_REQUEST_TIMEOUT, signal } = options;
    wholeNumber("retries", retries);
    positiveTime("timeout", timeout);
    this.#assertSendable(signal);
    const bytes = datagramOf(message);
    targetPort(port);
    const address = await this.#addressOf(host, signal);
    this.#assertSendable(signal);
    using pending = this.#requests.add(isAnswerFrom(address, port, options.isAnswer));
    for (let sent = 0; sent <= retries; sent++) {
      await abortable(this.#sendTo(bytes, address, port), signal);
      const answer = await this.#within(timeout, pending.answer, signal);
      if (answer) return answer;
    }
    throw noAnswer(`${host} port ${port}`, (retries + 1) * timeout);
  }

  /**
   * Receives what is sent to that multicast group. Bind to `0.0.0.0` or `::` (or, on Linux, to the group) for that.
   *
   * @param networkInterface where to listen for it: a name (`eth0`) or an address. Default: the system's choice.
   * @throws ValidationError if the group is no multicast address, or there is no such interface; ConnectionError.
   */
  joinMulticast(group: string, networkInterface?: string): void {
    this.#membership("join", group, networkInterface);
  }

  /** Ends {@link UDPClient.joinMulticast}, with the same arguments. */
  leaveMulticast(group: string, networkInterface?: string): void {
    this.#membership("leave", group, networkInterface);
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
    if (this.#family === 6) {
      throw new ValidationError("IPv6 has no broadcast: send to the multicast group ff02::1");
    }
    this.#socket.setBroadcast(true);
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
    const socket = this.#socket;
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
    this.#socket.close();
  }

  #assertSendable(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
  }

  /** The first address of the socket's family. */
  async #addressOf(host: string, signal: AbortSignal | undefined): Promise<string> {
    if (isIP(host)) return host;
    const found = await abortable(resolveHost(host, this.#options.lookup), signal);
    const address = found.find(({ family }) => family === this.#family)?.address;
    if (address !== undefined) return address;
    throw new ValidationError(`${host} has no IPv${this.#family} address, which this socket needs`);
  }

  async #sendTo(bytes: Uint8Array, address: string, port: number): Promise<void> {
    if (isIP(address) === 6 && this.#family === 4) {
      throw new ValidationError(`${address} is IPv6; open the UDPClient with host "::" or "::1"`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket.send(bytes, port, this.#reachable(address), (error) => {
      if (error) reject(sendError(error, `${address} port ${port}`, this.#name()));
      else resolve();
    });
    await promise;
  }

  /** An IPv6 socket reaches IPv4 by mapped addresses (RFC 4291 §2.5.5.2). */
  #reachable(address: string): string {
    return this.#family === 6 && isIP(address) === 4 ? `::ffff:${address}` : address;
  }

  /** The answer, or undefined if none comes in time. */
  async #within(
    timeout: number,
    answer: Promise<Datagram>,
    signal: AbortSignal | undefined,
  ): Promise<Datagram | undefined> {
    const over = new AbortController();
    const waiting = sleep(timeout, { signal: over.signal, clock: this.#clock });
    try {
      return await abortable(Promise.race([answer, waiting.then(() => undefined)]), signal);
    } finally {
      waiting.catch(() => {});
      over.abort();
    }
  }

  #membership(what: "join" | "leave", group: string, networkInterface: string | undefined): void {
    if (this.#end) throw this.#end;
    const via = networkInterface && interfaceFor(networkInterface, this.#family);
    try {
      if (what === "join") this.#socket.addMembership(group, via);
      else this.#socket.dropMembership(group, via);
    } catch (cause) {
      throw membershipError(what, group, via ?? "the default interface", cause);
    }
  }

  #name(): string {
    return `${this.host} port ${this.port}`;
  }
}

function datagramOf(message: string | Uint8Array): Uint8Array {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  if (bytes.byteLength <= MAX_DATAGRAM_BYTES) return bytes;
  throw new ValidationError(
    `a message of ${bytes.byteLength} bytes does not fit a datagram: at most ${MAX_DATAGRAM_BYTES}`,
    { code: "FRAME_TOO_LARGE" },
  );
}

function isAnswerFrom(
  address: string,
  port: number,
  accepts: RequestOptions["isAnswer"] = () => true,
): (datagram: Datagram) => boolean {
  const host = withoutMapping(address);
  return (datagram) => datagram.host === host && datagram.port === port && accepts(datagram);
}

function noAnswer(to: string, timeoutMs: number): NetworkTimeoutError {
  const message = `no answer came from ${to} within ${timeoutMs} ms`;
  return new NetworkTimeoutError(message, { kind: "call", timeoutMs });
}

function membershipError(what: string, group: string, via: string, cause: unknown): NetworkError {
  const { code } = cause as { code?: unknown };
  if (code !== "EINVAL") {
    return toNetworkError(cause, { doing: `${what} the multicast group`, address: group });
  }
  return new ValidationError(
    `cannot ${what} "${group}" on ${via}: it must be a multicast address of the socket's family (224.0.0.0/4 or ff00::/8)`,
    { cause },
  );
}
