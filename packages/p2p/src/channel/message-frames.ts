import { CHUNK_BYTES } from "@net/qos";
import { MemoryPool } from "../secure/memory-pool.ts";
import { BULK_FRAME_BYTES } from "../secure/open-batch.ts";
import { copyPart, fitsFrame, type MessageParts, sizeOf } from "../wire/parts.ts";
import { PIECE_BYTES, PIECE_HEADER_BYTES, PieceState, putPieceHeader } from "../wire/piece.ts";

/** For the channels of the whole process together. */
const pool: MemoryPool = new MemoryPool(CHUNK_BYTES, 64);

/** A frame in memory that is used again. */
export interface PooledFrame {
  readonly bytes: Uint8Array;
  /** It was sent, or will not be. */
  readonly release: (() => void) | undefined;
}

/**
 * Copies a message into the frames that it goes in, one after the other. What secures them copies large ones once more as
 * they are sent, see `SecureLink`; so their memory can be used again.
 */
export class MessageFrames {
  /** Of a message that goes in pieces. */
  readonly number: number | undefined;
  readonly #message: MessageParts;
  #at = 0;

  /** @param nextNumber gives the number, if it takes one. */
  constructor(message: MessageParts, nextNumber: () => number) {
    this.#message = message;
    this.number = fitsFrame(message) ? undefined : nextNumber();
  }

  get isOver(): boolean {
    return this.#left === 0;
  }

  /** The next one, if it is not over. */
  next(): PooledFrame {
    return this.number === undefined ? this.#whole() : this.#piece(this.number);
  }

  get #left(): number {
    return sizeOf(this.#message) - this.#at;
  }

  #whole(): PooledFrame {
    const frame = frameOf(this.#left);
    this.#copyTo(frame.bytes);
    return frame;
  }

  #piece(number: number): PooledFrame {
    const size = Math.min(PIECE_BYTES, this.#left);
    const frame = frameOf(PIECE_HEADER_BYTES + size);
    putPieceHeader(frame.bytes, number, size === this.#left ? PieceState.last : PieceState.more);
    this.#copyTo(frame.bytes.subarray(PIECE_HEADER_BYTES));
    return frame;
  }

  #copyTo(target: Uint8Array): void {
    copyPart(this.#message, this.#at, target);
    this.#at += target.byteLength;
  }
}

function frameOf(size: number): PooledFrame {
  if (size < BULK_FRAME_BYTES) return { bytes: new Uint8Array(size), release: undefined };
  const memory = pool.take();
  return { bytes: memory.subarray(0, size), release: () => pool.give(memory) };
}
