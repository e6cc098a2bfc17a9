import type { Framing, MessageWriter } from "../framing/framing.ts";

/** Parts up to this size are copied together; larger ones are written from where they lie: a copy costs more. */
const COPY_LIMIT_BYTES = 32 * 1024;
const MIN_BLOCK_BYTES = 2 * 1024;
const MAX_BLOCK_BYTES = 128 * 1024;
const HEADER_BYTES = 4;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Collects what one tick sends, so that it leaves in few writes. What is copied lies in a block; the next one is as large
 * as the last batch needed. Between ticks only a small block is kept, so that idle connections cost little.
 */
export class WriteBatch implements MessageWriter {
  #parts: Uint8Array[] = [];
  #block = NOTHING;
  /** Of the block: what is copied and not among the parts yet. */
  #start = 0;
  #end = 0;
  /** Among the parts: copies, and what is still its owner's. */
  #copiedBytes = 0;
  #borrowedBytes = 0;
  #lastCopiedBytes = 0;

  /** Bytes collected. */
  get bytes(): number {
    return this.#copiedBytes + this.#borrowedBytes + this.#end - this.#start;
  }

  /** Whether something of it is not copied: its owner must not change it before it was written. */
  get isBorrowing(): boolean {
    return this.#borrowedBytes > 0;
  }

  /** Adds a message as the framing encodes it. @throws what the framing throws; nothing was added then. */
  add(message: Uint8Array, framing: Framing): void {
    const parts = this.#parts.length;
    const block = this.#block;
    const start = this.#start;
    const end = this.#end;
    const copiedBytes = this.#copiedBytes;
    const borrowedBytes = this.#borrowedBytes;
    try {
      framing.encode(message, this);
    } catch (error) {
      this.#parts.length = parts;
      this.#block = block;
      this.#start = start;
      this.#end = end;
      this.#copiedBytes = copiedBytes;
      this.#borrowedBytes = borrowedBytes;
      throw error;
    }
  }

  writeUInt32BE(value: number): void {
    this.#makeRoom(HEADER_BYTES);
    // By hand: Buffer's own checks cost as much as all the rest of a small message.
    const block = this.#block;
    let end = this.#end;
    block[end++] = value >>> 24;
    block[end++] = value >>> 16;
    block[end++] = value >>> 8;
    block[end++] = value;
    this.#end = end;
  }

  write(part: Uint8Array): void {
    const { byteLength } = part;
    if (byteLength > COPY_LIMIT_BYTES) {
      this.#closeBlock();
      this.#parts.push(part);
      this.#borrowedBytes += byteLength;
    } else {
      this.#makeRoom(byteLength);
      this.#block.set(part, this.#end);
      this.#end += byteLength;
    }
  }

  /** Everything collected, to be written in this order; the batch is empty again. */
  take(): readonly Uint8Array[] {
    this.#closeBlock();
    const parts = this.#parts;
    this.#parts = [];
    if (this.#block.length > MIN_BLOCK_BYTES) this.#use(NOTHING);
    this.#lastCopiedBytes = this.#copiedBytes;
    this.#copiedBytes = 0;
    this.#borrowedBytes = 0;
    return parts;
  }

  #makeRoom(count: number): void {
    if (this.#end + count > this.#block.length) this.#useNext(count);
  }

  #useNext(count: number): void {
    this.#closeBlock();
    const wanted = Math.max(MIN_BLOCK_BYTES, this.#lastCopiedBytes, this.#copiedBytes);
    this.#use(Buffer.allocUnsafe(Math.max(count, Math.min(wanted, MAX_BLOCK_BYTES))));
  }

  #use(block: Buffer): void {
    this.#block = block;
    this.#start = 0;
    this.#end = 0;
  }

  /** What was written to the block so far becomes a part; the rest of the block is used on. */
  #closeBlock(): void {
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#copiedBytes += this.#end - this.#start;
    this.#start = this.#end;
  }
}
