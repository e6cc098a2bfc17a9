import { createCipheriv, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { ProtocolError } from "@net/core";

export const MAC_BYTES = 16;
const NONCE_BYTES = 12;
const COUNT_AT = 4;
const options = { authTagLength: MAC_BYTES };

/**
 * One direction's authentication of batches that somebody else keeps secret: GMAC, which is AES-256-GCM with nothing to encrypt
 * (NIST SP 800-38D, 3 and 5.2), and the batch's number as its nonce, so that one that was altered, left out, repeated or reordered does
 * not fit. Of what Node has it is the cheapest for batches of any size but the smallest: a sixth of HMAC-SHA256 for 64 KiB.
 */
export class BatchMac {
  /** Imported once: that takes longer than all else. */
  readonly #key: KeyObject;
  readonly #nonce: Buffer = Buffer.alloc(NONCE_BYTES);
  /** Exact up to 2⁵³ batches: no link lives so long, and no nonce comes twice. */
  #count = 0;

  /** @param key 32 bytes, of one direction of one link, and for nothing else. */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** The tag of the next batch. */
  next(batch: Uint8Array): Uint8Array {
    this.#nonce.writeUInt32BE(Math.floor(this.#count / 2 ** 32), COUNT_AT);
    this.#nonce.writeUInt32BE(this.#count % 2 ** 32, COUNT_AT + 4);
    this.#count += 1;
    const gmac = createCipheriv("aes-256-gcm", this.#key, this.#nonce, options);
    gmac.setAAD(batch);
    gmac.final();
    return gmac.getAuthTag();
  }

  /** @throws ProtocolError if that is not the tag of the next batch. */
  check(batch: Uint8Array, tag: Uint8Array): void {
    if (timingSafeEqual(this.next(batch), tag)) return;
    throw new ProtocolError("a batch is not authentic, or not the next one");
  }
}
