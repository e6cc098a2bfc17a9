import type { KeyObject } from "node:crypto";
import type { Clock, Logger, Rng, Transport } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { QoSPolicy } from "@net/qos";
import type { AllowOptions } from "../admission/allow-list.ts";
import type { Admit, Ownership } from "../admission/applicant.ts";
import type { PeerDiscoveryOptions } from "../discovery/peer-discovery-options.ts";
import type { ChannelBinding } from "../secure/channel-policy.ts";
import type { AdmissionSettings } from "./admission.ts";
import type { PeerLimits } from "./limits.ts";

export interface PeerNetworkOptions {
  /** Unique in the network: at most 128 characters. */
  readonly peerId: string;
  /** What people call it. Default: its id. */
  readonly peerName?: string;
  /**
   * Where to listen. Default: all interfaces if peers must authenticate, by an `owner`, a `jwtSecret`, `admission.issuers`
   * or a `tlsCa`; else 127.0.0.1, and then anything but loopback is refused.
   */
  readonly host?: string;
  /** Default 8080; 0 takes a free one, which `address` tells. */
  readonly port?: number;
  /** Where to listen, for transports whose addresses are no host and port; instead of `host` and `port`. */
  readonly listenAddress?: string;
  /** The most neighbours: at most 1024. Default 64. */
  readonly maxPeers?: number;
  /**
   * One beat: how long a link may be idle before one probe goes over it, in ms. A neighbour that does not answer is dead 1.5
   * beats later if others confirm it, 2.5 if nobody can; from falling silent it is at most 4. For these limits a beat is
   * 1000 at least. Default 5000.
   */
  readonly heartbeatInterval?: number;
  /** What this peer can do: `["gpu"]`. At most 128. */
  readonly capabilities?: readonly string[];
  /** Peers of different networks refuse each other. Default `net`. */
  readonly networkId?: string;

  // Who this peer is, and who is let in.

  /**
   * Who this device is: its links are signed with this key, and others remember it under this peer's id. Default: a new
   * one for every `PeerNetwork`, so that others know that they talk to the same device only as long as it runs.
   */
  readonly identity?: DeviceIdentity;
  /**
   * Lets the devices of one owner in, by the certificates that he made for them, and those of owners he shares with; what
   * he says, of devices revoked and keys replaced, spreads through the network. `certificate` is this device's, for its
   * `identity`, under its `peerId`. With a `jwtSecret` or `admission` too, peers with a token are let in beside them.
   */
  readonly owner?: Ownership;
  /**
   * What all peers of the network know, and prove to each other that they know: whoever knows it can make a token for any
   * name. Should be 32 random bytes or more, RFC 7518 §3.2: of less the `logger` is warned, or without one the process,
   * once, by a warning with the code `NET_WEAK_SECRET`. Default: nobody proves anything.
   */
  readonly jwtSecret?: string;
  /** Whose tokens let others in, and the token of this peer. */
  readonly admission?: AdmissionSettings;
  /** Who may be linked to this peer, and which of its tools each may call. Default: whoever is let in, see `permission`. */
  readonly allow?: AllowOptions;
  /** Has the last word on who may be linked to this peer. */
  readonly admit?: Admit;
  /** Refuses what is only warned of else: short secrets, and tokens that are bound to no device. Default false. */
  readonly strict?: boolean;

  // How links are protected.

  /** Listens and dials over TLS 1.3 (`wss`). Default false: links are encrypted all the same, by the handshake. */
  readonly enableTLS?: boolean;
  /** Path of the private key, in PEM, of `tlsCert`. Default: a new one in memory, P-256. */
  readonly tlsKey?: string;
  /** Path of the certificate, in PEM, followed by those that vouch for it. Default: one signed by itself, in memory. */
  readonly tlsCert?: string;
  /** Path of certificates in PEM: only TLS ends that show one signed by those are linked to, dialled or not. */
  readonly tlsCa?: string;
  /**
   * Whether the certificate of whoever is dialled is checked against `tlsCa`, or the system's authorities. Default: with
   * a `tlsCa`, or if `channelBinding` is not `require`; else the handshake alone proves who is there.
   */
  readonly tlsVerify?: boolean;
  /**
   * Whether the handshake must be about the very TLS channel it runs over. `require`: somebody between two TLS channels,
   * a proxy too, is refused. `prefer`: where there is one, the link is encrypted once more. `off`: always. Default
   * `require` with `enableTLS`, else `prefer`.
   */
  readonly channelBinding?: ChannelBinding;
  /**
   * `loopback`: links on this machine are authenticated and not encrypted, if both ends say so. Default `never`.
   */
  readonly plaintext?: "never" | "loopback";
  /** Signs every batch of frames, and takes none that is not signed in the same way. Default false. */
  readonly enableMessageSigning?: boolean;
  /**
   * What `enableMessageSigning` signs with. A text: HMAC-SHA256 with this secret, which all peers must know; 32 random
   * bytes or more. A private key: Ed25519, and it is this peer's `identity`. Default: Ed25519 with the `identity`.
   */
  readonly signingKey?: string | KeyObject;

  // What carries it.

  /** What links are made of: the address says which by its scheme. Default: WebSockets. `enableTLS` adds `wss`. */
  readonly transports?: readonly Transport[];
  /** One transport: the short form of `transports`. */
  readonly transport?: Transport;
  /** Tells others on the same machine or network that this peer is here. Default: it does not. */
  readonly discovery?: PeerDiscoveryOptions;
  /**
   * How each type of message is treated, beside what `QoSManager` has: a message that cannot leave is tried again as the
   * `retryPolicy` of its type says. Default: not tried again.
   */
  readonly qos?: { readonly policies?: Readonly<Record<string, QoSPolicy>> };
  /**
   * `lifeline`: a worker thread answers for this process while its main thread is blocked, over UDP at the host of this
   * peer: so its neighbours know it busy, not dead. Default false.
   */
  readonly liveness?: { readonly lifeline?: boolean };
  /** Whether other peers may reach each other through this one. Default false. */
  readonly relay?: boolean;
  /** What this peer spends at most on others. */
  readonly limits?: Partial<PeerLimits>;
  readonly clock?: Clock;
  readonly rng?: Rng;
  readonly logger?: Logger;
}
