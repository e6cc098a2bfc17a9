import type { Readable } from "node:stream";

/** This and whoever makes messages: what more listeners do with a chunk is not known. */
const LISTENERS = 2;

/**
 * Frees what was read from a socket once a message was made of it by copying, instead of leaving that to garbage
 * collection: buffers that come and go are what it is started for, and it takes longer than all that is done with their
 * bytes. What a message is a view of is left alone, and so is what did not become a message yet.
 *
 * For input that is worked on as it comes, and not compressed: then every message is made while the chunk is handed over
 * that its last byte came in, and what came before that chunk is not needed any more.
 */
export class SpentInput {
  readonly #stream: Readable;
  /** Wholly needed until the next message is made; none of them is seen by anybody. */
  #earlier: Buffer[] = [];
  #current: Buffer | undefined;
  #isSeen = false;

  /** @param stream emits chunks that nobody else will want later. */
  constructor(stream: Readable) {
    this.#stream = stream;
    // Before whoever makes messages of it: they are then of the current chunk.
    stream.prependListener("data", (chunk: Buffer) => this.#came(chunk));
  }

  /** Somebody has a view of the input that is no message: fragments of one may still wait, so that nothing is freed. */
  seen({ buffer }: Buffer): void {
    if (buffer === this.#current?.buffer) this.#isSeen = true;
  }

  /** A message was made, of all that came before its end. To be told of each. */
  made({ buffer }: Buffer): void {
    if (buffer === this.#current?.buffer) this.#isSeen = true;
    else if (this.#stream.listenerCount("data") <= LISTENERS) this.#free(buffer);
    this.#earlier.length = 0;
  }

  /** @param kept what the message is a view of: an earlier chunk may be that, if the last fragment is empty. */
  #free(kept: ArrayBufferLike): void {
    for (const chunk of this.#earlier) if (chunk.buffer !== kept) free(chunk);
  }

  #came(chunk: Buffer): void {
    if (this.#current && !this.#isSeen) this.#earlier.push(this.#current);
    this.#current = chunk;
    this.#isSeen = false;
  }
}

/** Unless there is more in its memory than itself. */
function free({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
