import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { ProtocolError } from "@net/core";

const ALGORITHM = "chacha20-poly1305";
/** The authentication tag behind every ciphertext. */
export const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** 2⁵³ messages: at a million a second, after 285 years. The Noise specification would allow 2⁶⁴ − 1. */
const MAX_NONCE: number = Number.MAX_SAFE_INTEGER;

/**
 * One direction's key and counter: Noise's CipherState (revision 34, §5.1) with ChaChaPoly (§12.3). A message that was
 * altered, left out, repeated or reordered does not decrypt, since each takes the next nonce.
 */
export class CipherState {
  /** Imported once: a key of bytes is imported for every message, which takes longer than to encrypt it. */
  readonly #key: KeyObject;
  readonly #nonce: Buffer = Buffer.alloc(NONCE_BYTES);
  #count = 0;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  encrypt(plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
    const room = new Uint8Array(plaintext.byteLength + TAG_BYTES);
    room.set(plaintext);
    return this.encryptInto(room, plaintext.byteLength, associated);
  }

  /** Encrypts what stands at the beginning of the room, whose last 16 bytes are for the tag, and gives the room back. */
  encryptInto(room: Uint8Array, length: number, associated: Uint8Array): Uint8Array {
    const options = { authTagLength: TAG_BYTES };
    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nextNonce(), options);
    cipher.setAAD(associated, { plaintextLength: length });
    room.set(cipher.update(room.subarray(0, length)));
    cipher.final();
    room.set(cipher.getAuthTag(), length);
    return room;
  }

  /** @throws ProtocolError if this is not what the other side encrypted next. */
  decrypt(ciphertext: Uint8Array, associated: Uint8Array): Uint8Array {
    const length = ciphertext.byteLength - TAG_BYTES;
    if (length < 0) throw new ProtocolError("an encrypted message is too short");
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(ALGORITHM, this.#key, this.#nextNonce(), options);
    decipher.setAAD(associated, { plaintextLength: length });
    decipher.setAuthTag(ciphertext.subarray(length));
    const plaintext = decipher.update(ciphertext.subarray(0, length));
    try {
      decipher.final();
    } catch (cause) {
      throw new ProtocolError("an encrypted message is not authentic, or not the next one", {
        cause,
      });
    }
    return plaintext;
  }

  /** Four zero bytes, then the counter, little-endian (§12.3). */
  #nextNonce(): Buffer {
    if (this.#count >= MAX_NONCE)
      throw new ProtocolError("this key has encrypted too many messages");
    this.#nonce.writeUInt32LE(this.#count >>> 0, 4);
    this.#nonce.writeUInt32LE(Math.floor(this.#count / 2 ** 32), 8);
    this.#count++;
    return this.#nonce;
  }
}
