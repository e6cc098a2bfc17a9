import { timingSafeEqual } from "node:crypto";
import { ProtocolError } from "@net/core";
import { Hmac, sha256 } from "./hmac.ts";

/** RFC 2104 §5: no less than half of the hash. */
export const MAC_BYTES = 16;
const COUNT_BYTES = 8;
const DIGEST_BYTES = 32;

/**
 * One direction's authentication of batches that somebody else keeps secret: HMAC-SHA256 over the batch's number and its
 * SHA-256, so that one that was altered, left out, repeated or reordered does not fit.
 */
export class BatchMac {
  readonly #hmac: Hmac;
  readonly #message: Buffer;
  /** Exact up to 2⁵³ batches: no link lives so long. */
  #count = 0;

  /** @param key of one direction of one link, and for nothing else. */
  constructor(key: Uint8Array) {
    this.#hmac = new Hmac(key, COUNT_BYTES + DIGEST_BYTES);
    this.#message = this.#hmac.message;
  }

  /** The tag of the next batch. */
  next(batch: Uint8Array): Uint8Array {
    this.#message.writeUInt32BE(Math.floor(this.#count / 2 ** 32), 0);
    this.#message.writeUInt32BE(this.#count % 2 ** 32, 4);
    this.#count += 1;
    this.#message.set(sha256(batch), COUNT_BYTES);
    return this.#hmac.digest().subarray(0, MAC_BYTES);
  }

  /** @throws ProtocolError if that is not the tag of the next batch. */
  check(batch: Uint8Array, tag: Uint8Array): void {
    if (timingSafeEqual(this.next(batch), tag)) return;
    throw new ProtocolError("a batch is not authentic, or not the next one");
  }
}
