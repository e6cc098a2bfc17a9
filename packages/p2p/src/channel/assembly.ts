import { OverloadedError, ProtocolError } from "@net/core";
import { ChunkAssembler } from "@net/qos";
import { ITEM_HEADER_BYTES } from "../secure/batch.ts";
import { PIECE_HEADER_BYTES } from "../wire/piece.ts";

/** The most messages that may be half here at the same time. */
export const MAX_PARTIAL = 64;
/** What all of them may take together, as a multiple of the largest message. */
export const MAX_PARTIAL_MESSAGES = 4;

/** Between two pieces that follow each other in one batch: headers that were read. */
const GAP_BYTES: number = ITEM_HEADER_BYTES + PIECE_HEADER_BYTES;

/**
 * Puts messages together whose pieces come one by one, those of several in between each other. The pieces become its own: what
 * came in one batch is put together in place.
 */
export class Assembly {
  readonly #maxMessageBytes: number;
  readonly #partial = new Map<number, ChunkAssembler>();
  #bytes = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** @returns the message, if this was its last piece. @throws ProtocolError, OverloadedError if it is too much. */
  add(number: number, piece: Uint8Array, isLast: boolean): Uint8Array | undefined {
    const assembler = this.#assembler(number);
    const before = assembler.pendingBytes;
    const message = assembler.add(piece, isLast);
    this.#bytes += assembler.pendingBytes - before;
    if (isLast) this.#partial.delete(number);
    if (this.#bytes > this.#maxMessageBytes * MAX_PARTIAL_MESSAGES) throw tooMuch();
    return message;
  }

  /** The sender has given that message up. */
  abandon(number: number): void {
    this.#bytes -= this.#partial.get(number)?.pendingBytes ?? 0;
    this.#partial.delete(number);
  }

  #assembler(number: number): ChunkAssembler {
    const known = this.#partial.get(number);
    if (known) return known;
    if (this.#partial.size >= MAX_PARTIAL) {
      throw new ProtocolError(`more than ${MAX_PARTIAL} messages came in pieces at the same time`);
    }
    const assembler = new ChunkAssembler(this.#maxMessageBytes, GAP_BYTES);
    this.#partial.set(number, assembler);
    return assembler;
  }
}

function tooMuch(): OverloadedError {
  return new OverloadedError("the pieces of unfinished messages take too much room");
}
