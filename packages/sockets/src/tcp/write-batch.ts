/** Parts up to this size are copied together; larger ones are written from where they lie. */
const COPY_LIMIT_BYTES = 8 * 1024;
const BLOCK_BYTES = 64 * 1024;

/** Collects what one tick sends, so that it leaves in few writes. */
export class WriteBatch {
  #parts: Uint8Array[] = [];
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #bytes = 0;

  /** Bytes collected. */
  get bytes(): number {
    return this.#bytes;
  }

  add(part: Uint8Array): void {
    const { byteLength } = part;
    this.#bytes += byteLength;
    if (byteLength > COPY_LIMIT_BYTES) {
      this.#closeBlock();
      this.#parts.push(part);
      return;
    }
    if (this.#end + byteLength > this.#block.length) this.#openBlock();
    this.#block.set(part, this.#end);
    this.#end += byteLength;
  }

  /** Everything collected, to be written in this order; the batch is empty again. */
  take(): readonly Uint8Array[] {
    this.#closeBlock();
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return parts;
  }

  #openBlock(): void {
    this.#closeBlock();
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#start = 0;
    this.#end = 0;
  }

  /** What was written to the block so far becomes a part; the rest of the block is used on. */
  #closeBlock(): void {
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
