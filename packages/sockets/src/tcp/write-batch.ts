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
  #start = 0;
  #end = 0;
  #bytes = 0;
  /** What of these bytes is copied, and how many were in the batch before. */
  #copiedBytes = 0;
  #lastCopiedBytes = 0;
  #isBorrowing = false;

  /** Bytes collected. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether something of it is not copied: its owner must not change it before it was written. */
  get isBorrowing(): boolean {
    return this.#isBorrowing;
  }

  /** Adds a message as the framing encodes it. @throws what the framing throws; nothing was added then. */
  add(message: Uint8Array, framing: Framing): void {
    const parts = this.#parts.length;
    const block = this.#block;
    const start = this.#start;
    const end = this.#end;
    const bytes = this.#bytes;
    const copiedBytes = this.#copiedBytes;
    const isBorrowing = this.#isBorrowing;
    try {
      framing.encode(message, this);
    } catch (error) {
      this.#parts.length = parts;
      this.#block = block;
      this.#start = start;
      this.#end = end;
      this.#bytes = bytes;
      this.#copiedBytes = copiedBytes;
      this.#isBorrowing = isBorrowing;
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
    this.#bytes += HEADER_BYTES;
    this.#copiedBytes += HEADER_BYTES;
  }

  write(part: Uint8Array): void {
    const { byteLength } = part;
    if (byteLength > COPY_LIMIT_BYTES) {
      this.#closeBlock();
      this.#parts.push(part);
      this.#isBorrowing = true;
    } else {
      this.#makeRoom(byteLength);
      this.#block.set(part, this.#end);
      this.#end += byteLength;
      this.#copiedBytes += byteLength;
    }
    this.#bytes += byteLength;
  }

  /** Everything collected, to be written in this order; the batch is empty again. */
  take(): readonly Uint8Array[] {
    this.#closeBlock();
    const parts = this.#parts;
    this.#parts = [];
    if (this.#block.length > MIN_BLOCK_BYTES) this.#use(NOTHING);
    this.#lastCopiedBytes = this.#copiedBytes;
    this.#bytes = 0;
    this.#copiedBytes = 0;
    this.#isBorrowing = false;
    return parts;
  }

  #makeRoom(count: number): void {
    if (this.#end + count <= this.#block.length) return;
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
    this.#start = this.#end;
  }
}
