import * as fields from "./fields.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

/** A question whether the other end is there; it answers with the same number. */
export function encodePing(number: number): Uint8Array {
  return encodeFrame(FrameKind.ping, { number });
}

export function encodePong(number: number): Uint8Array {
  return encodeFrame(FrameKind.pong, { number });
}

/** The number of a ping or a pong. @throws ProtocolError */
export function readProbe({ header }: Frame): number {
  return fields.count(header, "number");
}
