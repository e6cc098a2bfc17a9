import { createHash, hash } from "node:crypto";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const NOTHING: Uint8Array = new Uint8Array(0);

/** See {@link Hmac.digest}. */
const MAX_MESSAGE_BYTES = 5_120;
/** Where all messages of the process are put together, one after the other. */
const room: Buffer = Buffer.alloc(BLOCK_BYTES + MAX_MESSAGE_BYTES);

/**
 * HMAC-SHA256 (RFC 2104) of short messages, over and over with one key. By two hashes in one call each, which takes a fifth of what
 * Node's `createHmac` needs to set itself up.
 */
export class Hmac {
  readonly #inner: Buffer;
  readonly #outer: Buffer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  constructor(key: Uint8Array) {
    const short = key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key;
    this.#inner = Buffer.alloc(BLOCK_BYTES);
    this.#inner.set(short);
    this.#outer.set(short);
    for (let at = 0; at < BLOCK_BYTES; at++) {
      this.#inner[at] = (this.#inner[at] ?? 0) ^ INNER_PAD;
      this.#outer[at] = (this.#outer[at] ?? 0) ^ OUTER_PAD;
    }
  }

  /** Of both parts, one behind the other: 5 KiB at most. */
  digest(first: Uint8Array, second: Uint8Array = NOTHING): Buffer {
    const start = BLOCK_BYTES + first.byteLength;
    room.set(this.#inner);
    room.set(first, BLOCK_BYTES);
    room.set(second, start);
    putSha256(this.#outer, BLOCK_BYTES, room.subarray(0, start + second.byteLength));
    return Buffer.from(hash("sha256", this.#outer, "binary"), "binary");
  }
}

/** By way of text, in which Node hands a digest over in a third of the time that a Buffer of its own takes. */
export function putSha256(target: Buffer, at: number, data: Uint8Array): void {
  target.write(hash("sha256", data, "binary"), at, "binary");
}
