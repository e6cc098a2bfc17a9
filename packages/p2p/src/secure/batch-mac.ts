import { createHmac, timingSafeEqual } from "node:crypto";
import { ProtocolError } from "@net/core";
import { Gmac } from "./gmac.ts";
import { Hmac } from "./hmac.ts";

/** RFC 2104 §5: no less than half of the hash. */
export const MAC_BYTES = 16;
/**
 * From here on a batch is large. Below, HMAC takes half of what GMAC does, whose object has to be set up for each batch; above,
 * GMAC takes half at 9 KiB, and a sixth at 64. (Measured; they meet at about 3 KiB.)
 */
export const LARGE_BATCH_BYTES = 4_096;
const COUNT_BYTES = 8;

/**
 * One direction's authentication of batches that somebody else keeps secret: over each batch and its number, so that one that
 * was altered, left out, repeated or reordered does not fit. Small batches by HMAC-SHA256, large ones by GMAC with a key of its own.
 */
export class BatchMac {
  readonly #hmac: Hmac;
  readonly #number: Buffer = Buffer.alloc(COUNT_BYTES);
  readonly #gmac: Gmac;
  /** Exact up to 2⁵³ batches: no link lives so long. */
  #count = 0;

  /** @param key 32 bytes, of one direction of one link, and for nothing else. */
  constructor(key: Uint8Array) {
    this.#hmac = new Hmac(key);
    // That text is no batch's number, which the message of any other HMAC with this key begins with.
    this.#gmac = new Gmac(createHmac("sha256", key).update("net/p2p gmac").digest());
  }

  /** The tag of the next batch. */
  next(batch: Uint8Array): Uint8Array {
    const number = this.#count;
    this.#count += 1;
    return batch.byteLength < LARGE_BATCH_BYTES
      ? this.#small(number, batch)
      : this.#gmac.tag(number, batch);
  }

  /** @throws ProtocolError if that is not the tag of the next batch. */
  check(batch: Uint8Array, tag: Uint8Array): void {
    if (timingSafeEqual(this.next(batch), tag)) return;
    throw new ProtocolError("a batch is not authentic, or not the next one");
  }

  #small(number: number, batch: Uint8Array): Uint8Array {
    this.#number.writeUInt32BE(Math.floor(number / 2 ** 32), 0);
    this.#number.writeUInt32BE(number % 2 ** 32, 4);
    return this.#hmac.digest(this.#number, batch).subarray(0, MAC_BYTES);
  }
}
