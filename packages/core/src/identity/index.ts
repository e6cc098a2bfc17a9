/**
 * `@net/core/identity`: who a device is, whose it is, and which others its owner vouches for. For Node.
 *
 * @module
 */

export { normalizeBase32, toBase32 } from "./base32.ts";
export type { DeviceCertificate } from "./device-certificate.ts";
export { fingerprint } from "./fingerprint.ts";
export type { Guest } from "./guest-owners.ts";
export { loadOrCreateIdentity, loadOrCreateOwner } from "./key-file.ts";
export { DeviceIdentity, publicKeyObject, verifySignature } from "./key-pair.ts";
export { type CertifyOptions, type GrantOptions, OwnerIdentity } from "./owner.ts";
export type { OwnerGrant } from "./owner-grant.ts";
export {
  type OwnerRelation,
  OwnerTrust,
  type OwnerTrustEvents,
  type OwnerTrustOptions,
} from "./owner-trust.ts";
