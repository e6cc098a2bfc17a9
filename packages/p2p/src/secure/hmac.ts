import { createHash, hash } from "node:crypto";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * HMAC-SHA256 (RFC 2104) for messages of one length, over and over with one key. By two hashes in one call each, which takes a
 * fifth of what Node's `createHmac` needs to set itself up.
 */
export class Hmac {
  readonly #inner: Buffer;
  readonly #outer: Buffer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  constructor(key: Uint8Array, messageBytes: number) {
    const short = key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key;
    this.#inner = Buffer.alloc(BLOCK_BYTES + messageBytes);
    this.#inner.set(short);
    this.#outer.set(short);
    for (let at = 0; at < BLOCK_BYTES; at++) {
      this.#inner[at] = (this.#inner[at] ?? 0) ^ INNER_PAD;
      this.#outer[at] = (this.#outer[at] ?? 0) ^ OUTER_PAD;
    }
  }

  /** Where the message is to be put. */
  get message(): Buffer {
    return this.#inner.subarray(BLOCK_BYTES);
  }

  /** Of what was put there. */
  digest(): Buffer {
    this.#outer.set(sha256(this.#inner), BLOCK_BYTES);
    return sha256(this.#outer);
  }
}

/** By way of text, in which Node hands a digest over in a third of the time that a Buffer of its own takes. */
export function sha256(data: Uint8Array): Buffer {
  return Buffer.from(hash("sha256", data, "binary"), "binary");
}
