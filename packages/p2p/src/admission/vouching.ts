import { AuthenticationError } from "@net/core";
import type { OwnerTrust } from "@net/core/identity";
import type { Role } from "./applicant.ts";
import type { Credentials, Standing } from "./standing.ts";

/** A peer with a certificate, as it is seen on a link. */
export interface Certified extends Credentials {
  readonly peerId: string;
  /** The raw public key that it has proven to hold. */
  readonly device: Uint8Array;
  /** Which end of the link it is. */
  readonly role: Role;
}

/**
 * What the owner's word makes of a device: one of his; a guest, of an owner to whom he has granted something; or, where this
 * peer dialled, one of an owner who has granted something to him.
 *
 * @throws AuthenticationError
 */
export function vouchFor(trust: OwnerTrust, networkId: string, peer: Certified): Standing {
  const { peerId, certificate } = peer;
  if (certificate === undefined) {
    throw refused(peerId, `${peerId} has shown no certificate of its owner`);
  }
  const standing = accepted(trust, networkId, { ...peer, certificate });
  if (standing.certificate?.name === peerId) return standing;
  throw refused(peerId, `the certificate that ${peerId} has shown is of another name`);
}

/** Why a device that was let in would not be any more; undefined if it would. */
export function distrust(
  trust: OwnerTrust,
  networkId: string,
  { peerId, device, certificate }: Omit<Certified, "role">,
): AuthenticationError | undefined {
  if (trust.isRevoked(device)) return refused(peerId, `the key of ${peerId} was revoked`);
  if (certificate === undefined) return undefined;
  try {
    accepted(trust, networkId, { peerId, device, certificate, role: "acceptor" });
  } catch (error) {
    if (AuthenticationError.is(error)) return error;
    throw error;
  }
  return undefined;
}

function accepted(
  trust: OwnerTrust,
  networkId: string,
  { peerId, certificate, ...peer }: Certified & { readonly certificate: string },
): Standing {
  try {
    for (const grant of peer.grants ?? []) learnGrant(trust, grant);
    return byRelation(trust, networkId, certificate, peer);
  } catch (cause) {
    const message = `the certificate was not accepted: ${(cause as Error).message}`;
    throw new AuthenticationError(message, { cause, details: { peerId } });
  }
}

/** One that was taken back, or has expired, is worth nothing; another may still do. */
function learnGrant(trust: OwnerTrust, grant: string): void {
  try {
    trust.learn(grant);
  } catch (error) {
    if (!AuthenticationError.is(error)) throw error;
  }
}

function byRelation(
  trust: OwnerTrust,
  networkId: string,
  certificate: string,
  { device, role }: Pick<Certified, "device" | "role">,
): Standing {
  const { isOwn, isGuest, isHost } = trust.relationTo(certificate, networkId);
  if (isOwn) return { certificate: trust.accept(certificate, device) };
  if (isGuest) {
    const guest = trust.acceptGuest(certificate, device, networkId);
    return { certificate: guest.certificate, shared: guest.tools };
  }
  // Whoever was granted something dials those who did; that is no reason to let them in unasked.
  if (isHost && role === "acceptor") {
    return { certificate: trust.acceptHost(certificate, device), shared: [] };
  }
  throw new AuthenticationError("the device is of another owner, to whom nothing is granted here");
}

function refused(peerId: string, message: string): AuthenticationError {
  return new AuthenticationError(message, { details: { peerId } });
}
