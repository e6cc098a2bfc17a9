import { assertPositive, ProtocolError, ValidationError } from "@net/core";

/**
 * The largest piece of a message that goes as one frame, 16 KiB: what is urgent waits for one piece at most, 16 ms on a
 * line of 8 Mbit/s. Both ends count with it, so that it is part of the protocol of whoever uses credits.
 */
export const CHUNK_BYTES: number = 16 * 1024;

/**
 * Cuts a message into pieces of at most `maxBytes` (default 16 KiB), views of it. An empty one is one empty piece.
 *
 * @throws ValidationError
 */
export function chunksOf(message: Uint8Array, maxBytes: number = CHUNK_BYTES): Uint8Array[] {
  assertBytes(message, "a message");
  const size = Math.max(1, Math.floor(assertPositive(maxBytes, "maxBytes")));
  const count = Math.max(1, Math.ceil(message.byteLength / size));
  return Array.from({ length: count }, (_, i) => message.subarray(i * size, (i + 1) * size));
}

/** A smaller piece is copied at once: a view of it would keep whatever larger buffer it came in. */
const MIN_KEPT_BYTES = 8 * 1024;
/** So many are put together at once: an array of very many small ones takes more than they do. */
const MAX_CHUNKS = 4_096;

/** Puts the pieces of messages together again, one message after the other. */
export class ChunkAssembler {
  readonly #maxBytes: number;
  readonly #gapBytes: number | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Where the last piece ended, in its buffer, before it was moved. */
  #end = 0;

  /**
   * @param maxBytes the largest message it accepts.
   * @param gapBytes if two pieces lie so far apart in one buffer, what is between them is nobody's any more: they are put together
   *   where they are.
   * @throws ValidationError
   */
  constructor(maxBytes: number, gapBytes?: number) {
    this.#gapBytes = gapBytes;
    this.#maxBytes = assertPositive(maxBytes, "maxBytes");
  }

  /** Bytes of the message that is not complete yet. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /**
   * Takes the next piece and ownership of its bytes. @returns the message, if this was its last piece: a copy, or what was put
   *   together in place.
   *
   * @throws ValidationError if it is no Uint8Array; ProtocolError `FRAME_TOO_LARGE` if the message grows too large: then
   *   what there was of it is dropped.
   */
  add(chunk: Uint8Array, isLast: boolean): Uint8Array | undefined {
    assertBytes(chunk, "a chunk");
    const bytes = this.#bytes + chunk.byteLength;
    if (bytes > this.#maxBytes) {
      this.reset();
      throw new ProtocolError(`a message is larger than ${this.#maxBytes} bytes`, {
        code: "FRAME_TOO_LARGE",
      });
    }
    this.#bytes = bytes;
    this.#keep(chunk, isLast);
    return isLast ? this.#complete() : undefined;
  }

  /** Drops what there is of a message, as when its sender gave up. */
  reset(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  #keep(chunk: Uint8Array, isLast: boolean): void {
    const last = this.#chunks.at(-1);
    const isBehind = last !== undefined && this.#isBehind(chunk, last);
    this.#end = chunk.byteOffset + chunk.byteLength;
    if (isBehind) {
      this.#chunks[this.#chunks.length - 1] = movedUp(chunk, last);
      return;
    }
    // Not `slice`: that of Node's `Buffer` is a view.
    this.#chunks.push(chunk.byteLength < MIN_KEPT_BYTES && !isLast ? new Uint8Array(chunk) : chunk);
    if (this.#chunks.length >= MAX_CHUNKS) this.#chunks = [this.#joined()];
  }

  #isBehind({ buffer, byteOffset }: Uint8Array, last: Uint8Array): boolean {
    if (this.#gapBytes === undefined || buffer !== last.buffer) return false;
    return byteOffset === this.#end + this.#gapBytes;
  }

  #complete(): Uint8Array {
    const [first, second] = this.#chunks;
    const isInPlace = this.#gapBytes !== undefined && first !== undefined && !second;
    const message = isInPlace ? first : this.#joined();
    this.reset();
    return message;
  }

  #joined(): Uint8Array {
    const message = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      message.set(chunk, at);
      at += chunk.byteLength;
    }
    return message;
  }
}

/** Both, the one right behind the other. */
function movedUp(chunk: Uint8Array, last: Uint8Array): Uint8Array {
  const whole = new Uint8Array(last.buffer, last.byteOffset, last.byteLength + chunk.byteLength);
  whole.set(chunk, last.byteLength);
  return whole;
}

function assertBytes(value: Uint8Array, what: string): void {
  if (!(value instanceof Uint8Array)) throw new ValidationError(`${what} must be a Uint8Array`);
}
