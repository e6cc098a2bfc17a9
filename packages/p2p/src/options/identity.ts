import { KeyObject } from "node:crypto";
import { DeviceIdentity } from "@net/core/identity";
import type { Ownership } from "../admission/applicant.ts";
import { invalid } from "../names.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";

export interface IdentitySettings {
  readonly identity: DeviceIdentity;
  /** Whether the identity was given, and so will be the same after a restart. */
  readonly keepsIdentity: boolean;
  readonly owner: Ownership | undefined;
}

/**
 * Who this peer is. A certificate is for one key under one name: what does not fit would be refused by everybody.
 *
 * @throws ValidationError; AuthenticationError if the certificate is not for that key.
 */
export function readIdentity(options: PeerNetworkOptions, peerId: string): IdentitySettings {
  const { owner } = options;
  const given = givenIdentity(options);
  if (!owner) {
    const identity = given ?? DeviceIdentity.generate();
    return { identity, keepsIdentity: given !== undefined, owner: undefined };
  }
  if (!given) {
    throw invalid("identity", "given with an owner: the key that the certificate is for");
  }
  const { name } = owner.trust.accept(owner.certificate, given.publicKey);
  if (name !== peerId) throw invalid("peerId", `${name}, the name in the certificate`);
  return { identity: given, keepsIdentity: true, owner };
}

/** A private key to sign with is who this peer is: one device has one key. */
function givenIdentity({ identity, signingKey }: PeerNetworkOptions): DeviceIdentity | undefined {
  if (!(signingKey instanceof KeyObject)) return identity;
  const signer = new DeviceIdentity(signingKey);
  if (!identity || identity.fingerprint === signer.fingerprint) return signer;
  throw invalid("signingKey", "the key of the identity, or left out: a device has one key");
}
