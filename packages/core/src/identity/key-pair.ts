import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { ValidationError } from "../errors/kinds.ts";
import { fingerprint } from "./fingerprint.ts";

/** The raw form of an Ed25519 public key, RFC 8032. */
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The SPKI header before the 32 raw bytes of every Ed25519 public key (RFC 8410 §4). */
const SPKI_PREFIX: Buffer = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Who a device is: one Ed25519 key pair for everything it does. The private key never leaves the object except
 * as the PEM that {@link DeviceIdentity.toPem} writes.
 */
export class DeviceIdentity {
  /** The raw public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** For people to compare, see {@link fingerprint}. */
  readonly fingerprint: string;
  readonly #privateKey: KeyObject;

  /** @throws ValidationError if the key is no Ed25519 private key. */
  constructor(privateKey: KeyObject) {
    if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== "ed25519") {
      throw new ValidationError("a device identity needs an Ed25519 private key");
    }
    this.#privateKey = privateKey;
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    this.publicKey = new Uint8Array(spki.subarray(SPKI_PREFIX.length));
    this.fingerprint = fingerprint(this.publicKey);
  }

  static generate(): DeviceIdentity {
    return new DeviceIdentity(generateKeyPairSync("ed25519").privateKey);
  }

  /** @throws ValidationError if the text is no PEM of an Ed25519 private key. */
  static fromPem(pem: string): DeviceIdentity {
    let key: KeyObject;
    try {
      key = createPrivateKey(pem);
    } catch (cause) {
      throw new ValidationError("this is no PEM of a private key", { cause });
    }
    return new DeviceIdentity(key);
  }

  /** PKCS #8 in PEM, unencrypted: keep it in a file that only its owner can read. */
  toPem(): string {
    return this.#privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  }

  /** An Ed25519 signature over the bytes, 64 bytes. Put the purpose into what you sign. */
  sign(bytes: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, bytes, this.#privateKey));
  }

  /** Keeps the private key out of logs. */
  toJSON(): { readonly fingerprint: string } {
    return { fingerprint: this.fingerprint };
  }
}

/** A raw public key as Node's crypto wants it. @throws ValidationError unless it is 32 bytes. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  if (publicKey.byteLength !== PUBLIC_KEY_BYTES) {
    throw new ValidationError(`an Ed25519 public key has 32 bytes, not ${publicKey.byteLength}`);
  }
  const der = Buffer.concat([SPKI_PREFIX, publicKey]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

/** True if the device with that public key signed exactly these bytes. */
export function verifySignature(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    signature.byteLength === SIGNATURE_BYTES &&
    verify(null, bytes, publicKeyObject(publicKey), signature)
  );
}
