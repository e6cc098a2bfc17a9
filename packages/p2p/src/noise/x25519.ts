import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { ProtocolError } from "@net/core";

/** The length of public keys, private keys and shared secrets (RFC 7748 §5). */
export const KEY_BYTES = 32;

/** The headers before the raw bytes of every X25519 key (RFC 8410 §4, §7). */
const SPKI_PREFIX: Buffer = Buffer.from("302a300506032b656e032100", "hex");
const PKCS8_PREFIX: Buffer = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A key pair for Diffie–Hellman (RFC 7748). */
export interface DHKeyPair {
  readonly privateKey: KeyObject;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
}

export function generateDHKeyPair(): DHKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return { privateKey, publicKey: rawKey(publicKey) };
}

/** The pair of a raw private key: for vectors. */
export function dhKeyPair(rawPrivateKey: Uint8Array): DHKeyPair {
  const key = Buffer.concat([PKCS8_PREFIX, rawPrivateKey]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  return { privateKey, publicKey: rawKey(createPublicKey(privateKey)) };
}

/** @throws ProtocolError for a public key that makes the secret the same for everybody (RFC 7748 §6.1). */
export function sharedSecret({ privateKey }: DHKeyPair, publicKey: Uint8Array): Uint8Array {
  const key = Buffer.concat([SPKI_PREFIX, publicKey]);
  try {
    return diffieHellman({
      privateKey,
      publicKey: createPublicKey({ key, format: "der", type: "spki" }),
    });
  } catch (cause) {
    throw new ProtocolError("the other side's X25519 key makes no secret", { cause });
  }
}

function rawKey(publicKey: KeyObject): Uint8Array {
  const spki = publicKey.export({ format: "der", type: "spki" });
  return Uint8Array.from(spki.subarray(SPKI_PREFIX.length));
}
