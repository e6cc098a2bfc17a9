import { createSocket } from "node:dgram";
import { ConnectionError, type Logger, toNetworkError } from "@net/core";
import createMdns from "multicast-dns";
import type { MdnsSettings } from "./mdns-options.ts";

/** A record that we send. */
export type DnsRecord = {
  readonly name: string;
  /** In seconds; 0 takes the record back. */
  readonly ttl: number;
} & (
  | { readonly type: "PTR" | "A"; readonly data: string }
  | { readonly type: "TXT"; readonly data: string[] }
  | { readonly type: "SRV"; readonly data: { readonly target: string; readonly port: number } }
);

/** A record that came: the library has read it, and nothing in it is trusted. */
export interface ReceivedRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl?: number | undefined;
  readonly data?: unknown;
}

export interface DnsPacket {
  readonly type: "query" | "response";
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  readonly records: readonly ReceivedRecord[];
}

export interface MdnsSocketOptions {
  readonly settings: MdnsSettings;
  readonly logger: Logger;
  readonly onPacket: (packet: DnsPacket) => void;
}

/** Multicast DNS on one interface, and on no other. */
export interface MdnsSocket {
  /** Asks everybody for records. Nobody may be there, so nothing is waited for. */
  ask(name: string): void;
  /** Sends records to everybody; resolves when they have left, or could not. */
  tell(records: readonly DnsRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** @throws ConnectionError if the port or the interface cannot be used. */
export async function openMdnsSocket(options: MdnsSocketOptions): Promise<MdnsSocket> {
  const { settings, logger, onPacket } = options;
  const { interface: address, port } = settings;
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  // Bound to every interface, since Linux gives a socket that is bound to one of them no multicast; it joins, and
  // sends through, the one interface only.
  const mdns = createMdns({ socket, port, interface: address, bind: "0.0.0.0", loopback: true });
  const close = (): Promise<void> => new Promise((resolve) => mdns.destroy(resolve));
  const unsent = (error: Error | null): void => {
    if (error) logger.debug({ error }, "an mDNS packet was not sent");
  };
  for (const event of ["warning", "error"] as const) {
    mdns.on(event, (error) => logger.debug({ error }, "mDNS"));
  }
  mdns.on("packet", (packet: LibraryPacket, { address: from }: { address: string }) => {
    if (isFrom(from, address)) onPacket(readPacket(packet));
  });
  try {
    await joined(mdns, address);
    socket.setMulticastInterface(address);
  } catch (error) {
    await close();
    throw toNetworkError(error, { doing: "listen at", address: `${address}:${port}` });
  }
  return {
    close,
    ask: (name) => mdns.query([{ name, type: "PTR" }], unsent),
    tell: (records) =>
      new Promise((resolve) => {
        mdns.respond([...records], (error) => {
          unsent(error);
          resolve();
        });
      }),
  };
}

/** What the library gives for each packet. */
interface LibraryPacket extends Pick<DnsPacket, "type" | "questions"> {
  readonly answers: readonly ReceivedRecord[];
  readonly additionals: readonly ReceivedRecord[];
}

function readPacket({ type, questions, answers, additionals }: LibraryPacket): DnsPacket {
  return { type, questions, records: [...answers, ...additionals] };
}

/** The socket hears other interfaces too, if somebody else on this machine has joined the group there. */
function isFrom(sender: string, address: string): boolean {
  return !address.startsWith("127.") || sender.startsWith("127.");
}

/** Resolves when the port is ours and the group is joined on the interface. */
async function joined(mdns: ReturnType<typeof createMdns>, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const interfaces = { joined: 0 };
  mdns.on("networkInterface", () => {
    interfaces.joined += 1;
  });
  mdns.on("error", reject);
  mdns.on("ready", resolve);
  await promise;
  if (interfaces.joined > 0) return;
  throw new ConnectionError(`cannot use mDNS: this machine has no interface ${address}`, {
    ...{ code: "ADDRESS_UNAVAILABLE", phase: "listen" },
  });
}
