import type { Clock, Logger, Rng } from "@net/core";
import type { DeviceIdentity, OwnerTrust } from "@net/core/identity";
import type { NetworkTopology } from "@net/routing";
import type { SelfDescription } from "./adverts/own-adverts.ts";
import type { PeerAdvert } from "./adverts/peer-advert.ts";
import type { Codec } from "./neighbour.ts";
import type { VerifySignature } from "./signing.ts";

export interface GossipOptions {
  readonly self: string;
  /** Default `net`. What is signed for one network counts in no other. */
  readonly networkId?: string | undefined;
  readonly identity: DeviceIdentity;
  /** The owner's word for this device, as of now. */
  readonly certificate?: (() => string | undefined) | undefined;
  readonly trust?: OwnerTrust | undefined;
  /** The key that a peer proved to hold in a handshake with this one. */
  readonly keyOf?: ((peerId: string) => Uint8Array | undefined) | undefined;
  /** Without `sign` and `verify`: what it says is signed here. */
  readonly topology: NetworkTopology;
  /** Whether this peer passes on what is for others. */
  readonly relay: boolean;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** What this peer says of itself: asked for at each announcement. */
  readonly describe: () => SelfDescription;
  readonly encode: Codec["encode"];
  readonly decode: Codec["decode"];
  /** The most bytes of one message, encoded. Default 1 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Default Ed25519. */
  readonly verify?: VerifySignature | undefined;
}

/** A message that a peer sent to all. */
export interface BroadcastMessage {
  /** Whose device signed it. */
  readonly from: string;
  readonly type: string;
  readonly data: unknown;
}

export interface GossipEvents {
  message: readonly [message: BroadcastMessage];
  /** A peer has said something newer of itself. */
  advertised: readonly [peerId: string, advert: PeerAdvert];
  /** A peer has left, or was not heard of for too long. */
  gone: readonly [peerId: string];
}
