import type { NetworkError } from "@net/core";

/** What may wait here unread; above it the connection is told to wait, below half of it to go on. */
const HIGH_WATER_MARK = 64 * 1024;

/** The sender of a {@link BodyStream}. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** Nobody reads any more. */
  cancel(): void;
}

/**
 * An answer's body as it comes, for one reader. What is not read in time is not sent: the connection waits. Leaving a
 * loop over it ends the connection, unless all had come.
 */
export class BodyStream implements AsyncIterableIterator<Uint8Array>, AsyncDisposable {
  readonly #source: BodySource;
  readonly #chunks: Uint8Array[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;
  #bytes = 0;
  #isPaused = false;
  #onEnd: (() => void) | undefined;
  #ending: { readonly error?: NetworkError } | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** For whoever receives it from the connection. */
  push(chunk: Uint8Array): void {
    if (this.#ending) return;
    if (this.#waiting) {
      this.#settle({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes < HIGH_WATER_MARK || this.#isPaused) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  /** Calls back once nothing more comes over the wire; at once, if that is so. One call. */
  onEnd(callback: () => void): void {
    if (this.#ending) callback();
    else this.#onEnd = callback;
  }

  /** No more comes; with `error`, what waits is still read before it. */
  end(error?: NetworkError): void {
    if (this.#ending) return;
    this.#ending = error ? { error } : {};
    this.#onEnd?.();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error) waiting?.reject(error);
    else waiting?.resolve({ done: true, value: undefined });
  }

  /** @throws NetworkError why the rest does not come. One call at a time. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk) return { done: false, value: this.#taken(chunk) };
    if (this.#ending?.error) throw this.#ending.error;
    if (this.#ending) return { done: true, value: undefined };
    this.#waiting ??= Promise.withResolvers();
    return await this.#waiting.promise;
  }

  /** Stops reading. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#chunks.length = 0;
    if (!this.#ending) {
      this.end();
      this.#source.cancel();
    }
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #taken(chunk: Uint8Array): Uint8Array {
    this.#bytes -= chunk.byteLength;
    if (this.#isPaused && this.#bytes <= HIGH_WATER_MARK / 2) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return chunk;
  }

  #settle(result: IteratorResult<Uint8Array, undefined>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(result);
  }
}
