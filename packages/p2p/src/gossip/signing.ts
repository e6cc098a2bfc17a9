import type { KeyObject } from "node:crypto";
import { verify as verifyBytes } from "node:crypto";
import { type DeviceIdentity, publicKeyObject } from "@net/core/identity";
import { verifiedOnce } from "./verified-once.ts";

/** Who signs: a device. */
export type Signer = Pick<DeviceIdentity, "publicKey" | "sign">;

/** Whether the device with that public key signed exactly these bytes. */
export type VerifySignature = (
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** What is signed: a signature of one thing, or for one network, is none of another. */
export type SignedThing = "advert" | "broadcast";

export const SIGNATURE_BYTES = 64;
export const KEY_BYTES = 32;

const encoder = new TextEncoder();
/** Reading a key costs a tenth of a verification, and the same few keys are used again and again. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/**
 * Ed25519 (RFC 8032). A key is read once for each `Uint8Array` that holds it: hand over the same one each time. All of them, and
 * the bytes, must stay as they are.
 */
export const verifyEd25519: VerifySignature = verifiedOnce((publicKey, bytes, signature) =>
  verifyBytes(null, bytes, keyObjectOf(publicKey), signature),
);

/**
 * Signs and verifies what peers say, as they said it: the bytes of a statement travel unchanged, so that no two peers
 * need to agree on how a value is written, and fields that a relay does not know are signed all the same.
 *
 * The signature is over: the text `net/p2p <thing> 1`, a zero byte, the network's id, a zero byte, the statement.
 */
export class Signatures {
  readonly #identity: Signer;
  readonly #prefixes: Readonly<Record<SignedThing, Uint8Array>>;
  readonly #verify: VerifySignature;

  constructor(identity: Signer, networkId: string, verify: VerifySignature) {
    this.#identity = identity;
    this.#verify = verify;
    const prefix = (thing: SignedThing): Uint8Array =>
      encoder.encode(`net/p2p ${thing} 1\0${networkId}\0`);
    this.#prefixes = { advert: prefix("advert"), broadcast: prefix("broadcast") };
  }

  get publicKey(): Uint8Array {
    return this.#identity.publicKey;
  }

  sign(thing: SignedThing, statement: Uint8Array): Uint8Array {
    return this.#identity.sign(this.#signed(thing, statement));
  }

  verify(
    thing: SignedThing,
    publicKey: Uint8Array,
    { statement, signature }: { readonly statement: Uint8Array; readonly signature: Uint8Array },
  ): boolean {
    return this.#verify(publicKey, this.#signed(thing, statement), signature);
  }

  #signed(thing: SignedThing, statement: Uint8Array): Uint8Array {
    return Buffer.concat([this.#prefixes[thing], statement]);
  }
}

function keyObjectOf(publicKey: Uint8Array): KeyObject {
  const known = keyObjects.get(publicKey);
  if (known) return known;
  const key = publicKeyObject(publicKey);
  keyObjects.set(publicKey, key);
  return key;
}
