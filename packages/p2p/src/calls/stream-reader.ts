/** Where a reader gets its chunks. */
export interface ChunkSource {
  /** The next chunk, if one waits. */
  poll(): { readonly value: unknown } | undefined;
  /** The next chunk; undefined at the end. @throws what the stream ended with. */
  take(): Promise<{ readonly value: unknown } | undefined>;
  /** Nobody reads on. */
  leave(): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Reads a stream, as a generator would: without its promises, of which each chunk would take several. */
export class StreamReader implements AsyncIterableIterator<unknown, undefined, undefined> {
  readonly #source: ChunkSource;
  #hasBegun = false;
  #isOver = false;

  constructor(source: ChunkSource) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#isOver) return Promise.resolve(DONE);
    this.#hasBegun = true;
    const chunk = this.#source.poll();
    return chunk ? Promise.resolve({ done: false, value: chunk.value }) : this.#wait();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    const wasOver = this.#isOver;
    this.#isOver = true;
    if (this.#hasBegun && !wasOver) this.#source.leave();
    return DONE;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #wait(): Promise<IteratorResult<unknown, undefined>> {
    try {
      const chunk = await this.#source.take();
      if (chunk && !this.#isOver) return { done: false, value: chunk.value };
      this.#isOver = true;
      return DONE;
    } catch (error) {
      if (this.#isOver) return DONE;
      this.#isOver = true;
      throw error;
    }
  }
}
