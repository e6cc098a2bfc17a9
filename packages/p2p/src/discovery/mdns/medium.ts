import type { Clock, Logger } from "@net/core";
import { isLinkLocal } from "../interfaces/link-local.ts";
import type { NetInterface } from "../interfaces/net-interface.ts";
import { PerInterface } from "../interfaces/per-interface.ts";
import { type MdnsChannel, openChannel } from "./channel.ts";
import type { DnsPacket, Sender } from "./dns.ts";

/** What somebody who speaks multicast DNS hears. */
export interface MdnsListener {
  /** An interface has come, or changed. */
  onChannel(channel: MdnsChannel): void;
  /** An interface has gone; its channel is closed. */
  onGone(channel: MdnsChannel): void;
  onPacket(packet: DnsPacket, sender: Sender, channel: MdnsChannel): void;
}

/** Where multicast DNS is spoken: this machine's interfaces, or a simulated link. */
export type MdnsMedium = (listener: MdnsListener) => Promise<AsyncDisposable>;

export interface MediumOptions {
  readonly interfaces: readonly string[] | "all";
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** This machine's interfaces, as they come and go. It rejects with ConnectionError if none can be used. */
export function systemMedium({ interfaces, port, clock, logger }: MediumOptions): MdnsMedium {
  return async (listener) => {
    return await PerInterface.start<MdnsChannel>({
      ...{ wanted: interfaces, usable, clock, logger },
      onOpened: (channel) => listener.onChannel(channel),
      onGone: (channel) => listener.onGone(channel),
      open: async (netInterface, onBroken) => {
        const channel: MdnsChannel = await openChannel({
          ...{ netInterface, port, clock, logger },
          onPacket: (packet, sender) => listener.onPacket(packet, sender, channel),
          onBroken,
        });
        return channel;
      },
    });
  };
}

/** Over IPv6 multicast DNS stays on the link (RFC 6762 §3), and so do its senders; loopback has no such address. */
function usable({ family, addresses }: NetInterface): boolean {
  return family === 4 || addresses.some(isLinkLocal);
}
