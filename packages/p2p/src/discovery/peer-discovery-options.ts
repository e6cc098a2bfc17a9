import { assertOptions, having, type Rule, type Rules, readElsewhere } from "@net/core/options";
import {
  type BroadcastDiscoveryOptions,
  type BroadcastSettings,
  readBroadcastOptions,
} from "./broadcast/options.ts";
import { type MdnsOptions, type MdnsSettings, readMdnsOptions } from "./mdns-options.ts";
import type { Rendezvous } from "./rendezvous/rendezvous.ts";

/** How others find a peer. Default: in no way. */
export interface PeerDiscoveryOptions {
  /** Announces it by multicast DNS, on the loopback interface unless an interface is named. */
  readonly mdns?: boolean | MdnsOptions;
  /** Answers whoever asks by UDP broadcast, on the loopback interface unless an interface is named. */
  readonly broadcast?: boolean | BroadcastDiscoveryOptions;
  /** Leaves its signed record there, for peers that are not on its network. */
  readonly rendezvous?: Rendezvous;
}

/** The options with their defaults, checked. */
export interface PeerDiscoverySettings {
  readonly mdns: MdnsSettings | undefined;
  readonly broadcast: BroadcastSettings | undefined;
  readonly rendezvous: Rendezvous | undefined;
}

/** Of a source of records, or a place for them. */
export const rendezvousRule: Rule = having<Rendezvous>("a Rendezvous", ["publish", "lookup"]);

const rules: Rules<PeerDiscoveryOptions> = {
  ...{ mdns: readElsewhere, broadcast: readElsewhere, rendezvous: rendezvousRule },
};

/** @throws ValidationError naming the option and what it must be. */
export function readPeerDiscovery(
  options: PeerDiscoveryOptions = {},
  networkId: string,
): PeerDiscoverySettings {
  assertOptions(options, rules, "discovery");
  const { mdns, broadcast, rendezvous } = options;
  return {
    mdns: readMdnsOptions(mdns, networkId),
    broadcast: readBroadcastOptions(broadcast),
    rendezvous,
  };
}
