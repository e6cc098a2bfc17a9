import * as fields from "./fields.ts";
import { type Frame, packFrame, unpackList } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

/** Everything that the other end may send on this channel, since its beginning, in bytes. */
export function encodeCredit(limitBytes: number): Uint8Array {
  return packFrame(FrameKind.credit, [limitBytes]);
}

/** @throws ProtocolError */
export function readCredit(frame: Frame): number {
  const [limitBytes] = unpackList(frame);
  return fields.count({ limitBytes }, "limitBytes");
}
