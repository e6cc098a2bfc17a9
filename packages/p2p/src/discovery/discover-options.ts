import type { Clock, Logger } from "@net/core";
import type { BroadcastDiscoveryOptions } from "./broadcast/options.ts";
import type { MdnsOptions } from "./mdns-options.ts";
import type { NodeTrust } from "./nodes/trust.ts";
import type { Identify } from "./range/identify.ts";
import type { RangeOptions } from "./range/options.ts";
import type { Rendezvous } from "./rendezvous/rendezvous.ts";

export interface DiscoverOptions {
  /** Asks by multicast DNS, on the loopback interface unless an interface is named. Default false. */
  readonly mdns?: boolean | MdnsOptions;
  /** Asks by UDP broadcast, on the loopback interface unless an interface is named. Default false. */
  readonly broadcast?: boolean | BroadcastDiscoveryOptions;
  /** Asks every address of a range, like `10.0.0.0/24`, once. Scan only networks that you may. */
  readonly range?: string | readonly string[] | RangeOptions;
  /** Asks a holder of peers' records, a public peer or a server, once a minute. */
  readonly rendezvous?: Rendezvous;
  /** Addresses that are known. */
  readonly manual?: readonly string[];
  /**
   * Asks who listens at an address of `range` or `manual`. Without it such a node is not verified; with it, where a range
   * has something else than a peer, nothing is found.
   */
  readonly identify?: Identify;
  /** Peers of other networks are not found. Default `net`. */
  readonly networkId?: string;
  /** Tells only of those that are trusted. Default: of all, also of those that have signed nothing. */
  readonly trust?: NodeTrust;
  /** The raw public key of one's own device, which is not to be found. */
  readonly self?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  readonly logger?: Logger;
}
