import { createHash, hkdfSync } from "node:crypto";
import { CipherState } from "./cipher-state.ts";

const EMPTY: Buffer = Buffer.alloc(0);
const HASH_BYTES = 32;

/** What a handshake mixes together until both ends have the same secrets: Noise's SymmetricState (§5.2), with SHA-256. */
export class SymmetricState {
  #chainingKey: Buffer;
  #hash: Buffer;
  #cipher: CipherState | undefined;

  /** @param protocolName at most 32 bytes. */
  constructor(protocolName: string) {
    this.#hash = Buffer.alloc(HASH_BYTES);
    this.#hash.write(protocolName, "ascii");
    this.#chainingKey = this.#hash;
  }

  /** Both ends' whole conversation so far, in 32 bytes: after the handshake it names this channel and no other. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = expand(this.#chainingKey, secret);
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(key);
  }

  mixHash(data: Uint8Array): void {
    this.#hash = createHash("sha256").update(this.#hash).update(data).digest();
  }

  /** In the clear until there is a key. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher?.encrypt(plaintext, this.#hash) ?? plaintext;
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** @throws ProtocolError if it is not authentic. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher?.decrypt(ciphertext, this.#hash) ?? ciphertext;
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** The keys of what comes after the handshake: the initiator's first. */
  split(): readonly [Uint8Array, Uint8Array] {
    return expand(this.#chainingKey, EMPTY);
  }
}

/** HKDF with two outputs (§4.3): that of RFC 5869 without any info. */
function expand(chainingKey: Uint8Array, material: Uint8Array): [Buffer, Buffer] {
  const both = Buffer.from(hkdfSync("sha256", material, chainingKey, EMPTY, 2 * HASH_BYTES));
  return [both.subarray(0, HASH_BYTES), both.subarray(HASH_BYTES)];
}
