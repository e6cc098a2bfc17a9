import type { Writable } from "node:stream";

/** More than this leaves at once: large writes gain nothing by waiting, and fill the high-water mark. */
const MAX_HELD_BYTES = 16 * 1024;

/** Lets what is written in one turn of the event loop leave in one system call, which costs more than all the rest. */
export class WriteBatch {
  readonly #stream: Writable;
  #isHolding = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Before a write of so many bytes, more or less. A stream that is busy holds back by itself. */
  hold(bytes: number): void {
    if (this.#isHolding || bytes >= MAX_HELD_BYTES || this.#stream.writableLength > 0) return;
    this.#isHolding = true;
    this.#stream.cork();
    process.nextTick(release, this);
  }

  /** After a write. */
  check(): void {
    if (this.#isHolding && this.#stream.writableLength > MAX_HELD_BYTES) this.release();
  }

  /** What is held leaves. */
  release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#stream.uncork();
  }
}

function release(batch: WriteBatch): void {
  batch.release();
}
