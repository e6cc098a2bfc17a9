import { randomInt, randomUUID } from "node:crypto";
import type { NetInterface } from "../../src/discovery/interfaces/net-interface.ts";
import type { MdnsChannel } from "../../src/discovery/mdns/channel.ts";
import { type DnsPacket, MDNS_PORT, type Sender } from "../../src/discovery/mdns/dns.ts";
import type { MdnsListener, MdnsMedium } from "../../src/discovery/mdns/medium.ts";
import type { MdnsOptions } from "../../src/discovery/mdns-options.ts";

/** Multicast DNS on the loopback interface, on a port (below those that systems hand out) and in a network of its own. */
export function mdnsOfItsOwn(): Required<MdnsOptions> & { readonly interface: string } {
  return { interface: "127.0.0.1", port: randomInt(20_000, 32_000), networkId: randomUUID() };
}

/** An interface that no machine has, in 10.0.0.0/24. */
export function fakeInterface(address: string, changes: Partial<NetInterface> = {}): NetInterface {
  return {
    ...{ name: "eth0", family: 4, internal: false, joinBy: address, addresses: [address] },
    ...{ broadcast: "10.0.0.255", key: `eth0 4 ${address}/24` },
    isOnLink: (sender) => sender.startsWith("10.0.0."),
    ...changes,
  };
}

/** A packet as it was seen on a link. */
export interface Seen {
  readonly atMs: number;
  readonly packet: DnsPacket;
  readonly from: Sender;
  readonly to: Sender | undefined;
}

interface Plug {
  readonly listener: MdnsListener;
  readonly channel: MdnsChannel;
}

/** A link in memory, on which everybody hears everybody, also oneself. */
export class Segment {
  /** All that was sent, in its order. */
  readonly seen: Seen[] = [];
  /** What was asked from a port of its own; nobody answers that. */
  readonly alone: DnsPacket[] = [];
  /** Packets that get lost. */
  drop: (packet: DnsPacket) => boolean = () => false;
  readonly #plugs = new Set<Plug>();
  readonly #nowMs: () => number;

  constructor(clock: { monotonicMs(): number }) {
    this.#nowMs = () => clock.monotonicMs();
  }

  /** How many are plugged in. */
  get size(): number {
    return this.#plugs.size;
  }

  /** The medium of a machine with one interface here. */
  machine(address: string): MdnsMedium {
    return async (listener) => {
      const plug = this.plug(listener, fakeInterface(address));
      return { [Symbol.asyncDispose]: () => plug.close() };
    };
  }

  /** Plugs an interface in. */
  plug(listener: MdnsListener, netInterface: NetInterface): MdnsChannel {
    const from = { address: netInterface.addresses[0] ?? "", port: MDNS_PORT };
    const channel: MdnsChannel = {
      netInterface,
      send: async (packet, to) => this.send(packet, from, to),
      askAlone: async (packet) => void this.alone.push(packet),
      close: async () => void this.#plugs.delete(plug),
    };
    const plug = { listener, channel };
    this.#plugs.add(plug);
    listener.onChannel(channel);
    return channel;
  }

  /** Takes an interface away, as when a cable is pulled. */
  unplug(channel: MdnsChannel): void {
    for (const plug of this.#plugs) {
      if (plug.channel !== channel) continue;
      this.#plugs.delete(plug);
      plug.listener.onGone(channel);
    }
  }

  send(packet: DnsPacket, from: Sender, to?: Sender): void {
    this.seen.push({ atMs: this.#nowMs(), packet, from, to });
    if (this.drop(packet)) return;
    for (const { listener, channel } of this.#plugs) {
      if (to && channel.netInterface.addresses[0] !== to.address) continue;
      queueMicrotask(() => listener.onPacket(packet, from, channel));
    }
  }

  queries(): Seen[] {
    return this.seen.filter(({ packet }) => packet.kind === "query");
  }

  responses(): Seen[] {
    return this.seen.filter(({ packet }) => packet.kind === "response");
  }
}
