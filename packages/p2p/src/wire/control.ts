import * as fields from "./fields.ts";
import { type Frame, packFrame, unpackList } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

/** A question whether the other end is there; it answers with the same number. */
export function encodePing(number: number): Uint8Array {
  return packFrame(FrameKind.ping, [number]);
}

export function encodePong(number: number): Uint8Array {
  return packFrame(FrameKind.pong, [number]);
}

/** The number of a ping or a pong. @throws ProtocolError */
export function readProbe(frame: Frame): number {
  const [number] = unpackList(frame);
  return fields.count({ number }, "number");
}

/** Everything that the other end may send on this channel, since its beginning, in bytes. */
export function encodeCredit(limitBytes: number): Uint8Array {
  return packFrame(FrameKind.credit, [limitBytes]);
}

/** @throws ProtocolError */
export function readCredit(frame: Frame): number {
  const [limitBytes] = unpackList(frame);
  return fields.count({ limitBytes }, "limitBytes");
}
