import { ProtocolError } from "@net/core";
import type { LifelineTicket } from "../liveness/lifeline/lifeline.ts";
import { type Frame, packFrame, unpackList } from "./frame.ts";
import { FrameKind } from "./kinds.ts";

// What a neighbour needs to ask the lifeline of the sender: `[port, ticket, key]`, see liveness/lifeline.

const TICKET_BYTES = 16;
const KEY_BYTES = 32;
const MAX_PORT = 65_535;

export function encodeLifeline({ port, ticket, key }: LifelineTicket): Uint8Array {
  return packFrame(FrameKind.lifeline, [port, ticket, key]);
}

/** @throws ProtocolError */
export function decodeLifeline(frame: Frame): LifelineTicket {
  const [port, ticket, key] = unpackList(frame);
  if (isPort(port) && isBytes(ticket, TICKET_BYTES) && isBytes(key, KEY_BYTES)) {
    return { port, ticket, key };
  }
  throw new ProtocolError("a lifeline is not a port, a ticket and a key");
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= MAX_PORT;
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength === length;
}
