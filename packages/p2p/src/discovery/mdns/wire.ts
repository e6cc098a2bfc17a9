import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { ConnectionError, type Logger, toNetworkError } from "@net/core";
import createMdns from "multicast-dns";
import type { NetInterface } from "../interfaces/net-interface.ts";
import type { DnsPacket, DnsRecord, Sender } from "./dns.ts";
import { type LibraryPacket, readPacket } from "./read-packet.ts";

/** RFC 6762 §3. */
const GROUPS = { 4: "224.0.0.251", 6: "ff02::fb" } as const;
/** §11: what is sent has it, so that a receiver may see that no router passed it on. */
const TTL = 255;
/** §17: a packet and its headers. */
const MAX_PACKET_BYTES = 9_000;
const TRUNCATED_FLAG = 1 << 9;

export interface WireOptions {
  readonly netInterface: NetInterface;
  /** Where everybody listens. */
  readonly port: number;
  readonly logger: Logger;
  readonly onPacket: (packet: DnsPacket, sender: Sender) => void;
  /** The socket broke, for instance since its interface went away. */
  readonly onBroken: () => void;
}

/**
 * A socket that speaks DNS. The library encodes and decodes; the socket, and which interface it hears and sends by, are
 * ours: the library's own way joins no group over IPv6, and one interface only.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #mdns: ReturnType<typeof createMdns>;
  #closed: Promise<void> | undefined;

  private constructor(socket: Socket, options: WireOptions) {
    const { netInterface, port, onBroken } = options;
    this.#options = options;
    this.#mdns = createMdns({
      ...{ socket, port, ip: GROUPS[netInterface.family] },
      ...{ bind: false, multicast: false },
    });
    this.#mdns.on("packet", (packet: LibraryPacket, from: Sender & { readonly size: number }) =>
      this.#receive(packet, from),
    );
    // What the socket tells it of itself is handled below, and would be thrown if nobody listened.
    this.#mdns.on("error", () => {});
    this.#mdns.on("warning", (error) => this.#note(error, "an mDNS packet was not understood"));
    socket.on("error", (error) => {
      this.#note(error, "an mDNS socket broke");
      onBroken();
    });
  }

  /**
   * Opens a wire.
   *
   * @param localPort the port for everybody, to hear all that is said; 0 for one of its own, which hears answers only.
   * @throws ConnectionError if the port or the interface cannot be used.
   */
  static async open(options: WireOptions, localPort: number): Promise<Wire> {
    return new Wire(await openSocket(options.netInterface, localPort), options);
  }

  /** To everybody, or to one. Resolves when it has left, or could not. */
  send(packet: DnsPacket, to?: Sender): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (error?: Error | null): void => {
      if (error) this.#note(error, "an mDNS packet was not sent");
      resolve();
    };
    const { netInterface, port: commonPort } = this.#options;
    const { address, port } = to ?? { address: GROUPS[netInterface.family], port: commonPort };
    const message = libraryMessage(packet);
    if (packet.kind === "query") this.#mdns.query(message, { address, port }, done);
    else this.#mdns.respond(message, { address, port }, done);
    return promise;
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => this.#mdns.destroy(resolve));
    return this.#closed;
  }

  #receive(packet: LibraryPacket, from: Sender & { readonly size: number }): void {
    const { netInterface, port, onPacket } = this.#options;
    if (from.size > MAX_PACKET_BYTES || !netInterface.isOnLink(from.address)) return;
    const read = readPacket(packet);
    // §6: a response from another port is none.
    if (read.kind === "query" || from.port === port) onPacket(read, from);
  }

  #note(error: Error, what: string): void {
    const { logger, netInterface } = this.#options;
    logger.debug({ error, interface: netInterface.name, family: netInterface.family }, what);
  }
}

/** A socket that hears and sends by that interface, or none. @throws ConnectionError */
async function openSocket(netInterface: NetInterface, port: number): Promise<Socket> {
  const { family, name } = netInterface;
  const socket = createSocket({
    ...{ type: `udp${family}`, reuseAddr: port !== 0, ipv6Only: family === 6, lookup: asItIs },
  });
  try {
    const listening = once(socket, "listening");
    // Bound to every interface, since Linux gives a socket that is bound to one of them no multicast.
    socket.bind({ port, address: family === 6 ? "::" : "0.0.0.0", exclusive: true });
    await listening;
    chooseInterface(socket, netInterface, port !== 0);
    return socket;
  } catch (error) {
    socket.close();
    throw toNetworkError(error, {
      doing: "listen at",
      address: `${name} port ${port}`,
      phase: "listen",
    });
  }
}

/** @throws ConnectionError `ADDRESS_UNAVAILABLE` if the interface has gone, or has no multicast. */
function chooseInterface(socket: Socket, netInterface: NetInterface, isMember: boolean): void {
  const { family, joinBy, name } = netInterface;
  try {
    if (isMember) socket.addMembership(GROUPS[family], joinBy);
    socket.setMulticastInterface(joinBy);
    socket.setMulticastTTL(TTL);
    socket.setMulticastLoopback(true);
  } catch (cause) {
    throw new ConnectionError(`there is no multicast over IPv${family} on ${name}`, {
      ...{ code: "ADDRESS_UNAVAILABLE", phase: "listen", cause },
    });
  }
}

/** In place of the system's lookup, which answers in a later turn even for an address: there are only addresses here. */
const asItIs: NonNullable<SocketOptions["lookup"]> = (address, _options, done) => {
  done(null, address, isIPv6(address) ? 6 : 4);
};

/** What the library encodes: its types know less than it does. */
type LibraryMessage = createMdns.ResponseOutgoingPacket & createMdns.QueryOutgoingPacket;

/** A copy, since the library writes into what it is given. */
function libraryMessage(packet: DnsPacket): LibraryMessage {
  const { id, truncated, questions } = packet;
  const message = {
    ...{ id, flags: truncated ? TRUNCATED_FLAG : 0 },
    questions: questions.map(({ name, type }) => ({ name, type })),
    answers: packet.answers.map(libraryRecord),
    authorities: packet.authorities.map(libraryRecord),
    additionals: packet.additionals.map(libraryRecord),
  };
  return message as unknown as LibraryMessage;
}

function libraryRecord({ ttlSeconds: ttl, ...record }: DnsRecord): object {
  if (record.type !== "TXT") return { ...record, ttl };
  return { ...record, ttl, data: record.data.map((text) => Buffer.from(text)) };
}
