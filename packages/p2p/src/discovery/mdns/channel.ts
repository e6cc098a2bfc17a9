import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { type Logger, toNetworkError } from "@net/core";
import createMdns from "multicast-dns";
import type { NetInterface } from "../interfaces/net-interface.ts";
import { type DnsPacket, type DnsRecord, MDNS_PORT, type Sender } from "./dns.ts";
import { type LibraryPacket, readPacket } from "./read-packet.ts";

/** RFC 6762 §3. */
const GROUPS = { 4: "224.0.0.251", 6: "ff02::fb" } as const;
/** §11: what is sent has it, so that a receiver may see that no router passed it on. */
const TTL = 255;
/** §17: a packet and its headers. */
const MAX_PACKET_BYTES = 9_000;
const TRUNCATED_FLAG = 1 << 9;

/** Multicast DNS on one interface, by IPv4 or IPv6, and on no other. */
export interface MdnsChannel {
  readonly netInterface: NetInterface;
  /** To everybody, or to one. Resolves when it has left, or could not: nobody may be there anyway. */
  send(packet: DnsPacket, to?: Sender): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelOptions {
  readonly netInterface: NetInterface;
  /** Default 5353. */
  readonly port?: number | undefined;
  readonly logger: Logger;
  readonly onPacket: (packet: DnsPacket, sender: Sender) => void;
  /** The socket broke, for instance since its interface went away. */
  readonly onBroken: () => void;
}

/**
 * Opens a channel. The library encodes and decodes; the socket, and which interface it hears and sends by, are ours: the
 * library's own way joins no group over IPv6, and one interface only.
 *
 * @throws ConnectionError if the port or the interface cannot be used.
 */
export async function openChannel(options: ChannelOptions): Promise<MdnsChannel> {
  const { netInterface, port = MDNS_PORT, logger, onPacket, onBroken } = options;
  const socket = await openSocket(netInterface, port);
  const mdns = createMdns({
    ...{ socket, port, ip: GROUPS[netInterface.family] },
    ...{ bind: false, multicast: false },
  });
  const where = { interface: netInterface.name, family: netInterface.family };
  mdns.on("warning", (error) =>
    logger.debug({ error, ...where }, "an mDNS packet was not understood"),
  );
  socket.on("error", (error) => {
    logger.warn({ error, ...where }, "an mDNS socket broke");
    onBroken();
  });
  mdns.on("packet", (packet: LibraryPacket, sender: Sender & { readonly size: number }) => {
    if (sender.size > MAX_PACKET_BYTES || !netInterface.isOnLink(sender.address)) return;
    const read = readPacket(packet);
    // §6: a response from another port is none.
    if (read.kind === "query" || sender.port === port) onPacket(read, sender);
  });
  let closed: Promise<void> | undefined;
  return {
    netInterface,
    send: (packet, to) =>
      new Promise((resolve) => {
        const done = (error?: Error | null): void => {
          if (error) logger.debug({ error, ...where }, "an mDNS packet was not sent");
          resolve();
        };
        const message = libraryMessage(packet);
        const { address, port: toPort } = to ?? { address: GROUPS[netInterface.family], port };
        const rinfo = { address, port: toPort };
        if (packet.kind === "query") mdns.query(message, rinfo, done);
        else mdns.respond(message, rinfo, done);
      }),
    close: () => {
      closed ??= new Promise((resolve) => mdns.destroy(resolve));
      return closed;
    },
  };
}

/** A socket that hears and sends by that interface, or none. @throws ConnectionError */
async function openSocket(netInterface: NetInterface, port: number): Promise<Socket> {
  const { family, joinBy, name } = netInterface;
  const socket = createSocket({
    ...{ type: `udp${family}`, reuseAddr: true, ipv6Only: family === 6, lookup: asItIs },
  });
  try {
    const listening = once(socket, "listening");
    // Bound to every interface, since Linux gives a socket that is bound to one of them no multicast.
    socket.bind({ port, address: family === 6 ? "::" : "0.0.0.0", exclusive: true });
    await listening;
    socket.addMembership(GROUPS[family], joinBy);
    socket.setMulticastInterface(joinBy);
    socket.setMulticastTTL(TTL);
    socket.setMulticastLoopback(true);
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
