import { throwIfAborted, ValidationError } from "@net/core";
import { CHUNK_BYTES, chunksOf, type EgressQueue } from "@net/qos";
import { encodePiece, PIECE_HEADER_BYTES, PieceState } from "../wire/piece.ts";

/** The largest piece of a message: its frame is what qos calls a chunk. */
const PIECE_BYTES: number = CHUNK_BYTES - PIECE_HEADER_BYTES;
const NOTHING: Uint8Array = new Uint8Array(0);
const MESSAGE_NUMBERS = 2 ** 32;

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long it may wait here, in ms. */
  readonly deadlineMs?: number | undefined;
  /** False: it is not refused for having waited long among many. Default true. */
  readonly refusable?: boolean | undefined;
}

/** Sends whole messages through a queue of frames: small ones as they are, larger ones in pieces. */
export class Outbox {
  readonly #egress: EgressQueue;
  readonly #maxMessageBytes: number;
  #number = 0;

  constructor(egress: EgressQueue, maxMessageBytes: number) {
    this.#egress = egress;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /**
   * Sends a message when its turn comes; takes ownership of its bytes. @throws ValidationError `FRAME_TOO_LARGE`; OverloadedError, ClosedError: nothing of it
   * was sent, or the other end was told that the rest does not come.
   */
  offer(message: Uint8Array, type: string): void {
    if (message.byteLength <= CHUNK_BYTES) {
      this.#egress.offer(message, type);
      return;
    }
    this.#assertSize(message);
    const number = this.#nextNumber();
    try {
      for (const piece of pieces(number, message)) this.#egress.offer(piece, type);
    } catch (error) {
      this.#abandon(number, type);
      throw error;
    }
  }

  /**
   * As {@link Outbox.offer}, and waits until the link has all of it.
   *
   * @throws also AbortedError, and NetworkTimeoutError `DEADLINE_EXCEEDED`.
   */
  async send(message: Uint8Array, type: string, options: SendOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    if (message.byteLength <= CHUNK_BYTES) {
      await this.#egress.send(message, { type, ...options });
      return;
    }
    this.#assertSize(message);
    const number = this.#nextNumber();
    try {
      for (const piece of pieces(number, message))
        await this.#egress.send(piece, { type, ...options });
    } catch (error) {
      this.#abandon(number, type);
      throw error;
    }
  }

  #assertSize({ byteLength }: Uint8Array): void {
    if (byteLength <= this.#maxMessageBytes) return;
    const message = `a message of ${byteLength} bytes is over the limit of ${this.#maxMessageBytes}`;
    throw new ValidationError(message, { code: "FRAME_TOO_LARGE" });
  }

  /** What there is of the message at the other end must not wait there for ever. */
  #abandon(message: number, type: string): void {
    try {
      this.#egress.offer(
        encodePiece({ message, state: PieceState.abandoned, bytes: NOTHING }),
        type,
      );
    } catch {
      // The channel has ended, or is so full that it will: then the other end drops it too.
    }
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) % MESSAGE_NUMBERS;
    return this.#number;
  }
}

function* pieces(message: number, bytes: Uint8Array): Generator<Uint8Array> {
  const chunks = chunksOf(bytes, PIECE_BYTES);
  for (const [index, chunk] of chunks.entries()) {
    const state = index === chunks.length - 1 ? PieceState.last : PieceState.more;
    yield encodePiece({ message, state, bytes: chunk });
  }
}
