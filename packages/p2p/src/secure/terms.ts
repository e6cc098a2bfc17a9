import { AuthenticationError, type LinkSecurity, ProtocolError } from "@net/core";
import { isLoopback } from "../address.ts";
import type { ChannelPolicy, Signing } from "./channel-policy.ts";

// What each end says of the link, under the handshake's encryption: its length (1 byte); flags (1 byte); how it signs
// (1 byte); and the name that TLS gives to the channel below (RFC 9266), if there is one and it is to count.

/** What one end says. */
export interface ChannelTerms {
  /** This link need not be encrypted, as far as this end is concerned. */
  readonly plaintext: boolean;
  /** The device's key is the same after a restart. */
  readonly keepsIdentity: boolean;
  readonly signing: Signing["kind"] | "none";
  /** Of the TLS channel below: the same at both of its ends and nowhere else. Empty without one. */
  readonly binding: Uint8Array;
}

/** What keeps others from reading along: the TLS channel below, the seal, or on one machine nothing. */
export type Privacy = "tls" | "encryption" | "none";

const FLAG_PLAINTEXT = 1;
const FLAG_KEEPS_IDENTITY = 2;
const signings = ["none", "secret", "identity"] as const;
const FIXED_BYTES = 2;
const BINDING_BYTES = 32;
const NOTHING: Uint8Array = new Uint8Array(0);

export interface Below {
  readonly remoteAddress: string;
  readonly security: LinkSecurity;
}

/** What this end says of a link over that one. @throws AuthenticationError if that one's TLS is too old to be bound to. */
export function ownTerms(
  { channelBinding, plaintext, keepsIdentity, signing }: ChannelPolicy,
  { security, remoteAddress }: Below,
): ChannelTerms {
  const isUnnamed = security.encrypted && security.channelBinding === undefined;
  if (channelBinding === "require" && isUnnamed) {
    throw new AuthenticationError(
      "the link is to be bound to its channel, and TLS before 1.3 gives that no name",
    );
  }
  return {
    ...{ keepsIdentity, signing: signing?.kind ?? "none" },
    plaintext: plaintext && isLoopback(remoteAddress),
    binding: channelBinding === "off" ? NOTHING : (security.channelBinding ?? NOTHING),
  };
}

/**
 * What both ends' terms come to.
 *
 * @throws AuthenticationError if they sign differently, or must be bound to one channel and are not.
 */
export function agreeOn(own: ChannelTerms, other: ChannelTerms, policy: ChannelPolicy): Privacy {
  if (own.signing !== other.signing) {
    throw new AuthenticationError(
      `one end signs its messages with ${words[own.signing]}, the other with ${words[other.signing]}`,
    );
  }
  const isBound = own.binding.length > 0 && Buffer.compare(own.binding, other.binding) === 0;
  if (isBound) return "tls";
  const isOverTLS = own.binding.length > 0 || other.binding.length > 0;
  if (policy.channelBinding === "require" && isOverTLS) {
    throw new AuthenticationError(
      "the two ends do not share one TLS channel: somebody in between ends it, or an end is not bound to it",
    );
  }
  return own.plaintext && other.plaintext ? "none" : "encryption";
}

const words: Readonly<Record<ChannelTerms["signing"], string>> = {
  none: "nothing",
  secret: "a common signingKey",
  identity: "its device's key",
};

export function encodeTerms(terms: ChannelTerms): Uint8Array {
  const { plaintext, keepsIdentity, signing, binding } = terms;
  const flags = (plaintext ? FLAG_PLAINTEXT : 0) | (keepsIdentity ? FLAG_KEEPS_IDENTITY : 0);
  const fixed = [FIXED_BYTES + binding.length, flags, signings.indexOf(signing)];
  return Buffer.concat([Uint8Array.from(fixed), binding]);
}

/** @returns the terms, and what comes after them. @throws ProtocolError */
export function readTerms(bytes: Uint8Array): { terms: ChannelTerms; rest: Uint8Array } {
  const [length = 0, flags = 0, signing = 0] = bytes;
  const end = 1 + length;
  const binding = Uint8Array.from(bytes.subarray(1 + FIXED_BYTES, end));
  const kind = signings[signing];
  const isWhole = length >= FIXED_BYTES && bytes.byteLength >= end;
  if (!isWhole || !kind || ![0, BINDING_BYTES].includes(binding.length)) {
    throw new ProtocolError("a handshake says nothing sensible of its link");
  }
  const terms = {
    ...{ signing: kind, binding },
    plaintext: (flags & FLAG_PLAINTEXT) !== 0,
    keepsIdentity: (flags & FLAG_KEEPS_IDENTITY) !== 0,
  };
  return { terms, rest: bytes.subarray(end) };
}
