import type { LivenessMessage } from "../liveness/messages.ts";
import * as fields from "./fields.ts";
import { type Frame, packFrame, unpackList } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

// Who lives, see liveness/messages.ts: each is a control frame whose body is a list.
//
//   ping            [number]
//   pong            [number, incarnation, loopLagMs, busy]
//   probe-request   [number, target]
//   probe-report    [number, target, reached]
//   suspect         [peerId, incarnation]
//   refute          [peerId, incarnation]

export function encodeLiveness(message: LivenessMessage): Uint8Array {
  switch (message.type) {
    case "probe":
      return packFrame(FrameKind.ping, [message.number]);
    case "probe-ack": {
      const { number, incarnation, loopLagMs, busy } = message;
      return packFrame(FrameKind.pong, [number, incarnation, Math.round(loopLagMs), busy]);
    }
    case "probe-request":
      return packFrame(FrameKind.probeRequest, [message.number, message.target]);
    case "probe-report":
      return packFrame(FrameKind.probeReport, [message.number, message.target, message.reached]);
    case "suspect":
      return packFrame(FrameKind.suspect, [message.peerId, message.incarnation]);
    case "refute":
      return packFrame(FrameKind.refute, [message.peerId, message.incarnation]);
  }
}

/** Whether a frame is one of these. */
export function isLiveness(kind: number): boolean {
  return readers.has(kind);
}

/** @throws ProtocolError */
export function decodeLiveness(frame: Frame): LivenessMessage {
  const read = readers.get(frame.kind);
  if (!read) throw fields.malformed("kind", "one of those about who lives");
  return read(unpackList(frame));
}

type Read = (list: readonly unknown[]) => LivenessMessage;

const readers: ReadonlyMap<number, Read> = new Map<number, Read>([
  [FrameKind.ping, ([number]) => ({ type: "probe", number: fields.count({ number }, "number") })],
  [
    FrameKind.pong,
    ([number, incarnation, loopLagMs, busy]) => ({
      type: "probe-ack",
      number: fields.count({ number }, "number"),
      incarnation: fields.count({ incarnation }, "incarnation"),
      loopLagMs: fields.count({ loopLagMs }, "loopLagMs"),
      busy: fields.flag({ busy }, "busy"),
    }),
  ],
  [
    FrameKind.probeRequest,
    ([number, target]) => ({
      type: "probe-request",
      number: fields.count({ number }, "number"),
      target: fields.name({ target }, "target"),
    }),
  ],
  [
    FrameKind.probeReport,
    ([number, target, reached]) => ({
      type: "probe-report",
      number: fields.count({ number }, "number"),
      target: fields.name({ target }, "target"),
      reached: fields.flag({ reached }, "reached"),
    }),
  ],
  [FrameKind.suspect, (list) => ({ type: "suspect", ...readRumour(list) })],
  [FrameKind.refute, (list) => ({ type: "refute", ...readRumour(list) })],
]);

function readRumour([peerId, incarnation]: readonly unknown[]): {
  readonly peerId: string;
  readonly incarnation: number;
} {
  return {
    peerId: fields.name({ peerId }, "peerId"),
    incarnation: fields.count({ incarnation }, "incarnation"),
  };
}
