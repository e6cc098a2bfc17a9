import { FrameType, HEADER_BYTES, writeHeader } from "./wire.ts";

/** Frames up to this size are copied together; larger ones are written from where they lie. */
const COPY_LIMIT_BYTES = 8 * 1024;
const BLOCK_BYTES = 64 * 1024;

/** Collects the frames of one tick, so that they leave in few writes. */
export class FrameBatch {
  #parts: Uint8Array[] = [];
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #bytes = 0;

  /** Bytes collected, headers included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a data frame. */
  add(frame: Uint8Array): void {
    const copied = frame.byteLength <= COPY_LIMIT_BYTES;
    this.#reserve(HEADER_BYTES + (copied ? frame.byteLength : 0));
    writeHeader(this.#block, this.#end, FrameType.data, frame.byteLength);
    this.#end += HEADER_BYTES;
    if (copied) {
      this.#block.set(frame, this.#end);
      this.#end += frame.byteLength;
    } else {
      this.#closePart();
      this.#parts.push(frame);
    }
    this.#bytes += HEADER_BYTES + frame.byteLength;
  }

  /** Everything collected, to be written in this order; the batch is empty again. */
  take(): readonly Uint8Array[] {
    this.#closePart();
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return parts;
  }

  #reserve(size: number): void {
    if (this.#end + size <= this.#block.length) return;
    this.#closePart();
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#start = 0;
    this.#end = 0;
  }

  /** What was written to the block so far becomes a part; the rest of the block is used on. */
  #closePart(): void {
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
