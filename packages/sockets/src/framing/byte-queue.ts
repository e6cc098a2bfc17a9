const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Bytes that came and were not used yet. While a chunk holds whole messages nothing is copied; what is left
 * over is collected in storage that doubles, so that a stream dribbling byte by byte costs no more than its bytes.
 */
export class ByteQueue {
  #bytes = EMPTY;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    this.#makeRoom(chunk.length);
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** Where `pattern` begins, looking from `from` on; -1 if it is not there. */
  indexOf(pattern: Buffer, from = 0): number {
    return this.#bytes.subarray(this.#start, this.#end).indexOf(pattern, from);
  }

  /** Takes the first `count` bytes, as a view: they are never written again. */
  take(count: number): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#start + count);
    this.#start += count;
    if (this.length === 0) this.#bytes = EMPTY;
    return taken;
  }

  #makeRoom(extra: number): void {
    // A chunk ends where its storage does: only ours has room behind.
    if (this.#bytes.length - this.#end >= extra) return;
    const length = this.length;
    const storage = Buffer.allocUnsafeSlow(2 * (length + extra));
    this.#bytes.copy(storage, 0, this.#start, this.#end);
    this.#bytes = storage;
    this.#start = 0;
    this.#end = length;
  }
}
