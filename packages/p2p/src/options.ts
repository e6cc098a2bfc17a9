import {
  type Clock,
  type Logger,
  type Rng,
  silentLogger,
  systemClock,
  systemRng,
  type Transport,
  ValidationError,
} from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import type { QoSPolicy } from "@net/qos";
import { MAX_LINKS } from "@net/routing";
import { isLoopback } from "./address.ts";
import type { Admit, Ownership } from "./admission/admission.ts";
import { defaultAddress, defaultTransport } from "./default-transport.ts";
import { type MdnsOptions, type MdnsSettings, readMdnsOptions } from "./discovery/mdns-options.ts";
import { areNames, assertName, DEFAULT_NETWORK_ID, invalid, MAX_CAPABILITIES } from "./names.ts";

export interface PeerNetworkOptions {
  /** Unique in the network: at most 128 characters. */
  readonly peerId: string;
  /** What people call it. Default: its id. */
  readonly peerName?: string;
  /** Where to listen. Default 127.0.0.1; any other than loopback needs an `owner` or a `jwtSecret`. */
  readonly host?: string;
  /** Default 8080; 0 takes a free one, which `address` tells. */
  readonly port?: number;
  /** Where to listen, for transports whose addresses are no host and port; instead of `host` and `port`. */
  readonly listenAddress?: string;
  /** The most neighbours: at most 1024. Default 64. */
  readonly maxPeers?: number;
  /**
   * What all peers of the network know, and prove to each other that they know. Should be 32 random bytes or more,
   * RFC 7518 §3.2. Default: nobody proves anything.
   */
  readonly jwtSecret?: string;
  /** Has the last word on who may be linked to this peer. */
  readonly admit?: Admit;
  /** Peers of different networks refuse each other. Default `net`. */
  readonly networkId?: string;
  /** Between two heartbeats, in ms; after three without a sound a link is dead. Default 5000. */
  readonly heartbeatInterval?: number;
  /** What this peer can do: `["gpu"]`. At most 128. */
  readonly capabilities?: readonly string[];
  /**
   * Who this device is: its links are signed with this key. Default: a new one for every `PeerNetwork`, so that others
   * know that they talk to the same device only as long as it runs.
   */
  readonly identity?: DeviceIdentity;
  /**
   * Lets the devices of one owner in, by the certificates that he made for them; what he says, of devices revoked and
   * keys replaced, spreads through the network. `certificate` is this device's, for its `identity`, under its `peerId`.
   * With a `jwtSecret` too, peers with a token are let in beside them.
   */
  readonly owner?: Ownership;
  /**
   * How each type of message is treated, beside what `QoSManager` has: a message that cannot leave is tried again as the
   * `retryPolicy` of its type says. Default: not tried again.
   */
  readonly qos?: { readonly policies?: Readonly<Record<string, QoSPolicy>> };
  /** Whether other peers may reach each other through this one. Default false. */
  readonly relay?: boolean;
  /** Default: WebSockets. */
  readonly transport?: Transport;
  /** Tells others on the same machine or network that this peer is here. Default: it does not. */
  readonly discovery?: { readonly mdns?: boolean | MdnsOptions };
  readonly clock?: Clock;
  readonly rng?: Rng;
  readonly logger?: Logger;
}

/** The options with their defaults, checked. */
export interface PeerNetworkSettings {
  readonly peerId: string;
  readonly peerName: string;
  readonly listenAddress: string;
  readonly maxPeers: number;
  readonly jwtSecret: string | undefined;
  readonly admit: Admit | undefined;
  readonly identity: DeviceIdentity;
  readonly owner: Ownership | undefined;
  readonly networkId: string;
  readonly heartbeatInterval: number;
  readonly capabilities: readonly string[];
  readonly relay: boolean;
  readonly policies: Readonly<Record<string, QoSPolicy>>;
  readonly transport: Transport;
  readonly mdns: MdnsSettings | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** @throws ValidationError naming the option and what it must be. */
export function readOptions(options: PeerNetworkOptions): PeerNetworkSettings {
  const { capabilities = [], maxPeers = 64, heartbeatInterval = 5_000, jwtSecret } = options;
  if (!areNames(capabilities, MAX_CAPABILITIES)) {
    throw invalid("capabilities", `a list of at most ${MAX_CAPABILITIES} names`);
  }
  if (!(Number.isInteger(maxPeers) && maxPeers >= 1 && maxPeers <= MAX_LINKS)) {
    throw invalid("maxPeers", `a whole number from 1 to ${MAX_LINKS}`);
  }
  if (!(heartbeatInterval > 0)) throw invalid("heartbeatInterval", "above 0 ms");
  const peerId = assertName(options.peerId, "peerId");
  const networkId = assertName(options.networkId ?? DEFAULT_NETWORK_ID, "networkId");
  return {
    ...{ peerId, networkId, capabilities, maxPeers, heartbeatInterval, jwtSecret },
    peerName: assertName(options.peerName ?? peerId, "peerName"),
    listenAddress: readListenAddress(options),
    admit: options.admit,
    ...readIdentity(options, peerId),
    relay: options.relay ?? false,
    policies: options.qos?.policies ?? {},
    transport: options.transport ?? defaultTransport(),
    mdns: readMdnsOptions(options.discovery?.mdns, networkId),
    clock: options.clock ?? systemClock,
    rng: options.rng ?? systemRng,
    logger: options.logger ?? silentLogger,
  };
}

/** A certificate is for one key under one name: what does not fit would be refused by everybody. */
function readIdentity(
  { identity, owner }: PeerNetworkOptions,
  peerId: string,
): Pick<PeerNetworkSettings, "identity" | "owner"> {
  if (!owner) return { identity: identity ?? DeviceIdentity.generate(), owner: undefined };
  if (!identity)
    throw invalid("identity", "given with an owner: the key that the certificate is for");
  const { name } = owner.trust.accept(owner.certificate, identity.publicKey);
  if (name !== peerId) throw invalid("peerId", `${name}, the name in the certificate`);
  return { identity, owner };
}

/** A peer that everybody can dial must be able to tell who does. */
function readListenAddress(options: PeerNetworkOptions): string {
  const { host = "127.0.0.1", port = 8080, jwtSecret, owner } = options;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalid("port", "a whole number from 0 to 65535");
  }
  const address = options.listenAddress ?? defaultAddress(host, port);
  if (isLoopback(address) || jwtSecret !== undefined || owner) return address;
  throw new ValidationError(
    `${address} can be reached from other machines: give an owner or a jwtSecret, or listen at 127.0.0.1`,
  );
}
