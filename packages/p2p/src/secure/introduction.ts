import { AuthenticationError, ProtocolError } from "@net/core";
import { type DeviceIdentity, verifySignature } from "@net/core/identity";

// Who holds the static key of a handshake: its payload is the device's public key (32 bytes), its signature over that
// static key (64 bytes), and whatever else the device says of itself.

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Says what is signed, so that no signature for this passes for anything else. */
const PURPOSE: Buffer = Buffer.from("net/p2p static key\0");

export interface Introduction {
  /** The raw public key of the device, which it has proven to hold. */
  readonly device: Uint8Array;
  readonly body: Uint8Array;
}

export function introduce(
  identity: DeviceIdentity,
  staticKey: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const signature = identity.sign(Buffer.concat([PURPOSE, staticKey]));
  return Buffer.concat([identity.publicKey, signature, body]);
}

/** @throws ProtocolError if it is none; AuthenticationError if the device has not signed that static key. */
export function readIntroduction(payload: Uint8Array, staticKey: Uint8Array): Introduction {
  const signed = KEY_BYTES + SIGNATURE_BYTES;
  if (payload.byteLength < signed) throw new ProtocolError("a handshake does not say who is there");
  const device = Uint8Array.from(payload.subarray(0, KEY_BYTES));
  const signature = payload.subarray(KEY_BYTES, signed);
  if (!verifySignature(device, Buffer.concat([PURPOSE, staticKey]), signature)) {
    throw new AuthenticationError("a handshake's key is not signed by the device that shows it");
  }
  return { device, body: payload.subarray(signed) };
}
