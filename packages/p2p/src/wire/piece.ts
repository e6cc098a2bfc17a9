import { ProtocolError } from "@net/core";
import { CHUNK_BYTES } from "@net/qos";
import { FrameKind } from "./kinds.ts";

// A piece of a message that is larger than one frame may be:
//
//   byte 0      the kind
//   bytes 1–4   which message of this channel it belongs to, big-endian
//   byte 5      0: more pieces follow, 1: this is the last one, 2: the message was given up
//   then        the bytes

/** Before the bytes of a piece. */
export const PIECE_HEADER_BYTES = 6;
/** The most bytes of a piece: its frame is what qos calls a chunk. */
export const PIECE_BYTES: number = CHUNK_BYTES - PIECE_HEADER_BYTES;

export const PieceState = { more: 0, last: 1, abandoned: 2 } as const;
export type PieceState = (typeof PieceState)[keyof typeof PieceState];

export interface Piece {
  readonly message: number;
  readonly state: PieceState;
  readonly bytes: Uint8Array;
}

export function encodePiece({ message, state, bytes }: Piece): Uint8Array {
  const frame = new Uint8Array(PIECE_HEADER_BYTES + bytes.byteLength);
  putPieceHeader(frame, message, state);
  frame.set(bytes, PIECE_HEADER_BYTES);
  return frame;
}

/** Writes what stands before the bytes of a piece. */
export function putPieceHeader(frame: Uint8Array, message: number, state: PieceState): void {
  frame[0] = FrameKind.piece;
  frame[1] = message >>> 24;
  frame[2] = message >>> 16;
  frame[3] = message >>> 8;
  frame[4] = message;
  frame[5] = state;
}

/** @throws ProtocolError */
export function decodePiece(frame: Uint8Array): Piece {
  const [, a = 0, b = 0, c = 0, d = 0, state] = frame;
  if (state === undefined) throw new ProtocolError("a piece has no header");
  if (!isState(state)) throw new ProtocolError(`a piece is in the unknown state ${state}`);
  const message = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return { message, state, bytes: frame.subarray(PIECE_HEADER_BYTES) };
}

function isState(state: number): state is PieceState {
  return state <= PieceState.abandoned;
}
