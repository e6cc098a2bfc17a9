/**
 * Memory of one size that is used over and over: to collect large buffers that come and go costs more than all that is
 * done with their bytes. Whoever takes some may keep it; then there is that much less here.
 */
export class MemoryPool {
  /** How large each is. */
  readonly bytes: number;
  readonly #maxKept: number;
  readonly #kept: Buffer[] = [];

  /** @param maxKept how many wait here at most to be used again. */
  constructor(bytes: number, maxKept: number) {
    this.bytes = bytes;
    this.#maxKept = maxKept;
  }

  /** What is in it is anything. */
  take(): Buffer {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(this.bytes);
  }

  /** Nobody uses it any more. */
  give(memory: Buffer): void {
    if (this.#kept.length < this.#maxKept) this.#kept.push(memory);
  }
}
