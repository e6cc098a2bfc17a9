import type { DeviceCertificate, OwnerTrust } from "@net/core/identity";
import type { Credentials, Standing } from "./standing.ts";
import type { Claims } from "./token-claims.ts";

/** Which end of a link somebody is. */
export type Role = "dialler" | "acceptor";

/** A peer that wants to be linked, after its credentials were checked. */
export interface Applicant {
  readonly peerId: string;
  readonly peerName: string;
  /** False for a neighbour; true for a peer behind relays that wants to talk to this one through them. */
  readonly relayed: boolean;
  /** The raw public key of its device, which it has proven to hold. */
  readonly device: Uint8Array;
  /** What its token says, if that is what lets it in. */
  readonly claims?: Claims | undefined;
  /** What its owner says of its device, if that is what lets it in. */
  readonly certificate?: DeviceCertificate | undefined;
  /** Which tools are shared with its owner, if that is not this peer's. */
  readonly shared?: readonly string[] | undefined;
}

/**
 * Has the last word: true admits, false or a reason (which the other side is told) refuses; so does any other answer, also
 * a promise, and an error.
 */
export type Admit = (peer: Applicant) => boolean | string;

/** What a token must be bound to, so that it is worth nothing on any other link. */
export interface Binding {
  /** Names the secured channel, as both its ends know it: somebody in between has two, with two names. */
  readonly channel: string;
  /** Which end of the link the token's maker is. */
  readonly role: Role;
  /** The peer at the other end. */
  readonly peer: string;
}

/** What another peer has shown on a link, and the key that it has proven to hold there. */
export interface Shown extends Credentials {
  readonly device: Uint8Array;
}

/** What a device knows of its owner, and how it shows that it is his. */
export interface Ownership {
  readonly trust: OwnerTrust;
  readonly certificate: string;
}

/** A peer that is being linked. */
export interface Linking {
  readonly device: Uint8Array;
  readonly standing: Standing;
  /** Whether it will have the same key after a restart. */
  readonly keepsIdentity: boolean;
}
