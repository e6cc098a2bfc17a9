import { AbortScope, type Clock, type NetworkError, throwIfAborted } from "@net/core";
import { CHUNK_BYTES, chunksOf, type EgressQueue, type EgressSendOptions } from "@net/qos";
import type { MessageParts } from "../wire/parts.ts";
import { encodePiece, PIECE_BYTES, PieceState } from "../wire/piece.ts";
import type { Room } from "./partial-limit.ts";
import type { SendRoom } from "./send-room.ts";
import { StreamOutbox } from "./stream-outbox.ts";

const NOTHING: Uint8Array = new Uint8Array(0);
const MESSAGE_NUMBERS = 2 ** 32;

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long it may wait here, in ms. */
  readonly deadlineMs?: number | undefined;
  /** False: it is not refused for having waited long among many. Default true. */
  readonly refusable?: boolean | undefined;
  /** True: it waits for room where too much waits already, instead of being refused. Default false. */
  readonly patient?: boolean | undefined;
}

/** Sends whole messages through a queue of frames: small ones as they are, larger ones in pieces. */
export class Outbox {
  readonly #egress: EgressQueue;
  readonly #room: SendRoom;
  readonly #clock: Clock;
  readonly #streams: StreamOutbox;
  #number = 0;

  constructor(egress: EgressQueue, room: SendRoom, clock: Clock) {
    this.#egress = egress;
    this.#room = room;
    this.#clock = clock;
    this.#streams = new StreamOutbox(egress, room, {
      next: () => this.#nextNumber(),
      abandon: (number, type, room) => this.#abandon(number, type, room),
    });
  }

  /**
   * Sends a message when its turn comes; takes ownership of its bytes.
   *
   * @param lost called if it was taken and will not be sent after all.
   * @throws ValidationError `FRAME_TOO_LARGE`; OverloadedError, ClosedError: nothing of it was sent, or the other end is told
   *   that the rest does not come.
   */
  offer(message: Uint8Array, type: string, lost: (error: NetworkError) => void = () => {}): void {
    const bytes = message.byteLength;
    if (bytes <= CHUNK_BYTES && !this.#room.holds(type)) {
      this.#egress.offer(message, type);
      return;
    }
    const begin = (room: Room | undefined): void => {
      if (room) this.#offerPieces(message, type, room);
      else this.#egress.offer(message, type);
    };
    this.#room.offer({ bytes, type, begin, lost });
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
    const { deadlineMs, signal: within, ...others } = options;
    using scope = new AbortScope({ deadlineMs, within, clock: this.#clock });
    const { signal } = scope;
    const room = await this.#room.enter(message.byteLength, { signal });
    await this.#sendPieces(message, room, { type, ...others, signal });
  }

  async #sendPieces(message: Uint8Array, room: Room, options: EgressSendOptions): Promise<void> {
    const number = this.#nextNumber();
    try {
      for (const { bytes } of pieces(number, message)) await this.#egress.send(bytes, options);
      room.leave();
    } catch (error) {
      this.#abandon(number, options.type, room);
      throw error;
    }
  }

  #offerPieces(message: Uint8Array, type: string, room: Room): void {
    const number = this.#nextNumber();
    const onSettled = (): void => room.leave();
    try {
      for (const { bytes, isLast } of pieces(number, message)) {
        this.#egress.offer(bytes, type, isLast ? { onSettled, refusable: false } : undefined);
      }
    } catch (error) {
      this.#abandon(number, type, room);
      throw error;
    }
  }

  /** Sends a part of a stream, see {@link StreamOutbox.send}. */
  stream(message: MessageParts, type: string, signal: AbortSignal): Promise<void> | undefined {
    return this.#streams.send(message, type, signal);
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) % MESSAGE_NUMBERS;
    return this.#number;
  }

  /** What there is of the message at the other end must not wait there for ever: until it was told, its room is taken. */
  #abandon(message: number, type: string, room: Room): void {
    const word = encodePiece({ message, state: PieceState.abandoned, bytes: NOTHING });
    const leave = (): void => room.leave();
    void this.#egress.send(word, { type, refusable: false, patient: true }).then(leave, leave);
  }
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

function* pieces(message: number, bytes: Uint8Array): Generator<Piece> {
  const chunks = chunksOf(bytes, PIECE_BYTES);
  for (const [index, chunk] of chunks.entries()) {
    const isLast = index === chunks.length - 1;
    const state = isLast ? PieceState.last : PieceState.more;
    yield { bytes: encodePiece({ message, state, bytes: chunk }), isLast };
  }
}
