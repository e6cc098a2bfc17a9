import type { Clock, Logger, Timer } from "@net/core";
import type { NetInterface } from "../interfaces/net-interface.ts";
import { type DnsPacket, MDNS_PORT, type Sender } from "./dns.ts";
import { Wire, type WireOptions } from "./wire.ts";

/** How long answers to one asker are awaited, in ms. */
const ASK_TIME = 1_000;

/** Multicast DNS on one interface, by IPv4 or IPv6, and on no other. */
export interface MdnsChannel {
  readonly netInterface: NetInterface;
  /** To everybody, or to one. Resolves when it has left, or could not: nobody may be there anyway. */
  send(packet: DnsPacket, to?: Sender): Promise<void>;
  /**
   * Asks from a port of its own, as programs do that know no multicast DNS (RFC 6762 §5.1): such askers are answered at
   * once, and alone, while others wait so that not all answer together. What comes, comes as all packets do.
   */
  askAlone(packet: DnsPacket): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelOptions extends Omit<WireOptions, "port"> {
  /** Default 5353. */
  readonly port?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @throws ConnectionError if the port or the interface cannot be used. */
export async function openChannel(options: ChannelOptions): Promise<MdnsChannel> {
  const { port = MDNS_PORT } = options;
  const wireOptions = { ...options, port };
  return new Channel(wireOptions, await Wire.open(wireOptions, port));
}

class Channel implements MdnsChannel {
  readonly netInterface: NetInterface;
  readonly #options: ChannelOptions & WireOptions;
  readonly #wire: Wire;
  /** Ports of their own, until their time is over. */
  readonly #asking = new Map<Wire, Timer>();
  #isClosed = false;

  constructor(options: ChannelOptions & WireOptions, wire: Wire) {
    this.netInterface = options.netInterface;
    this.#options = options;
    this.#wire = wire;
  }

  async send(packet: DnsPacket, to?: Sender): Promise<void> {
    await this.#wire.send(packet, to);
  }

  async askAlone(packet: DnsPacket): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      const wire: Wire = await Wire.open(
        { ...this.#options, onBroken: () => void this.#end(wire) },
        0,
      );
      this.#asking.set(
        wire,
        clock.setTimeout(() => void this.#end(wire), ASK_TIME),
      );
      if (this.#isClosed) await this.#end(wire);
      await wire.send(packet);
    } catch (error) {
      // It is also asked for in the usual way.
      const { name } = this.netInterface;
      logger.debug({ error, interface: name }, "a port of its own could not be had");
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([
      this.#wire.close(),
      ...[...this.#asking.keys()].map((wire) => this.#end(wire)),
    ]);
  }

  async #end(wire: Wire): Promise<void> {
    this.#asking.get(wire)?.cancel();
    this.#asking.delete(wire);
    await wire.close();
  }
}
