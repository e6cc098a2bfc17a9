import { createCipheriv, createSecretKey, type KeyObject } from "node:crypto";

const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const NUMBER_AT = 4;
const options = { authTagLength: TAG_BYTES };

/** GMAC: AES-256-GCM with nothing to encrypt (NIST SP 800-38D, 3 and 5.2). The nonce is the message's number. */
export class Gmac {
  /** Imported once: that takes longer than all else. */
  readonly #key: KeyObject;
  readonly #nonce: Buffer = Buffer.alloc(NONCE_BYTES);

  /** @param key 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** The tag of a message. @param number each only once; exact up to 2⁵³. */
  tag(number: number, message: Uint8Array): Uint8Array {
    this.#nonce.writeUInt32BE(Math.floor(number / 2 ** 32), NUMBER_AT);
    this.#nonce.writeUInt32BE(number % 2 ** 32, NUMBER_AT + 4);
    const gcm = createCipheriv("aes-256-gcm", this.#key, this.#nonce, options);
    gcm.setAAD(message);
    gcm.final();
    return gcm.getAuthTag();
  }
}
