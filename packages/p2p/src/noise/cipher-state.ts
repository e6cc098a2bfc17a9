import { createCipheriv, createDecipheriv } from "node:crypto";
import { ProtocolError } from "@net/core";

const ALGORITHM = "chacha20-poly1305";
/** The authentication tag behind every ciphertext. */
export const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const NOTHING: Buffer = Buffer.alloc(0);
/** 2⁵³ messages: at a million a second, after 285 years. The Noise specification would allow 2⁶⁴ − 1. */
const MAX_NONCE: number = Number.MAX_SAFE_INTEGER;

/**
 * One direction's key and counter: Noise's CipherState (revision 34, §5.1) with ChaChaPoly (§12.3). A message that was
 * altered, left out, repeated or reordered does not decrypt, since each takes the next nonce.
 */
export class CipherState {
  readonly #key: Uint8Array;
  readonly #nonce: Buffer = Buffer.alloc(NONCE_BYTES);
  #count = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  encrypt(plaintext: Uint8Array, associated: Uint8Array): Buffer {
    const options = { authTagLength: TAG_BYTES };
    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nextNonce(), options);
    cipher.setAAD(associated, { plaintextLength: plaintext.byteLength });
    const body = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([body, cipher.getAuthTag()]);
  }

  /** @throws ProtocolError if this is not what the other side encrypted next. */
  decrypt(ciphertext: Uint8Array, associated: Uint8Array): Buffer {
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

  /** The tag alone: for data that somebody else keeps secret. */
  tag(data: Uint8Array): Buffer {
    return this.encrypt(NOTHING, data);
  }

  /** @throws ProtocolError if this is not what the other side tagged next. */
  check(data: Uint8Array, tag: Uint8Array): void {
    this.decrypt(tag, data);
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
