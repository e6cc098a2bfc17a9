import type { OwnerTrust } from "@net/core/identity";
import { factsOf, type Sighting } from "./sighting.ts";

/** Whom to look for. */
export interface NodeTrust {
  /**
   * The devices of this owner. Whoever has signed nothing is left out; so is a device that the owner has revoked, and one
   * that takes the name of another. A device that is not known yet may be his: its certificate tells, at the handshake.
   */
  readonly owner?: Pick<OwnerTrust, "devices" | "isRevoked"> | undefined;
  /** Only devices with one of these raw Ed25519 keys. */
  readonly keys?: readonly Uint8Array[] | undefined;
}

/** Whether to tell of a node. Addresses that were given by hand, or that nobody has identified, claim nothing. */
export function isTrusted(sighting: Sighting, trust: NodeTrust | undefined): boolean {
  if (!trust || sighting.kind === "address") return true;
  const { publicKey, peerId } = factsOf(sighting);
  if (!publicKey) return false;
  const { owner, keys } = trust;
  if (keys && !keys.some((key) => Buffer.compare(key, publicKey) === 0)) return false;
  if (!owner) return true;
  const holder = owner.devices.find(({ name }) => name === peerId);
  const isOther = holder !== undefined && Buffer.compare(holder.device, publicKey) !== 0;
  return !isOther && !owner.isRevoked(publicKey);
}
