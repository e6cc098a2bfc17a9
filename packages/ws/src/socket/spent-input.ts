import type { Readable } from "node:stream";

/** This and whoever makes messages: what more listeners do with a chunk is not known. */
const LISTENERS = 2;

/**
 * Frees what was read from a socket once a message was made of it by copying, instead of leaving that to garbage
 * collection: buffers that come and go are what it is started for, and it takes longer than all that is done with their
 * bytes. What a message is a view of is left alone until that is spent, and so is what did not become a message yet.
 *
 * For input that is worked on as it comes, and not compressed: then every message is made while the chunk is handed over
 * that its last byte came in, and what came before that chunk is not needed any more.
 */
export class SpentInput {
  readonly #stream: Readable;
  /** Wholly needed until the next message is made; none of them is seen by anybody. */
  #earlier: Buffer[] = [];
  #current: Buffer | undefined;
  /** How many have a view of the current chunk. */
  #views = 0;
  /** The last message that is one. */
  #message: Buffer | undefined;

  /** @param stream emits chunks that nobody else will want later. */
  constructor(stream: Readable) {
    this.#stream = stream;
    // Before whoever makes messages of it: they are then of the current chunk.
    stream.prependListener("data", (chunk: Buffer) => this.#came(chunk));
  }

  /** Somebody has a view of the input that is no message: fragments of one may still wait, so that nothing is freed. */
  seen({ buffer }: Buffer): void {
    if (buffer === this.#current?.buffer) this.#views += 1;
  }

  /** A message was made, of all that came before its end. To be told of each. */
  made(message: Buffer): void {
    this.seen(message);
    if (message.buffer === this.#current?.buffer) this.#message = message;
    if (this.#stream.listenerCount("data") <= LISTENERS) this.#free(message.buffer);
    this.#earlier.length = 0;
  }

  /**
   * Nobody needs that message any more. Its memory is freed if it was the only one in a chunk that is still the current one; else
   * garbage collection sees to it.
   */
  spent(message: Uint8Array): void {
    if (message !== this.#message || this.#views !== 1) return;
    this.#views = 0;
    this.#message = undefined;
  }

  /** @param kept what the message is a view of: an earlier chunk may be that, if the last fragment is empty. */
  #free(kept: ArrayBufferLike): void {
    for (const chunk of this.#earlier) if (chunk.buffer !== kept) free(chunk);
  }

  #came(chunk: Buffer): void {
    if (this.#current && this.#views === 0) this.#earlier.push(this.#current);
    this.#current = chunk;
    this.#views = 0;
    this.#message = undefined;
  }
}

/** Unless there is more in its memory than itself. */
function free({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
