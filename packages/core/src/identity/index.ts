/**
 * `@net/core/identity`: who a device is. For Node.
 *
 * @module
 */

export { fingerprint } from "./fingerprint.ts";
export { loadOrCreateIdentity } from "./key-file.ts";
export { DeviceIdentity, publicKeyObject, verifySignature } from "./key-pair.ts";
