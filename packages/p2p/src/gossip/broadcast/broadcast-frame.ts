import { ProtocolError } from "@net/core";
import { readAmount, readBytes, readCount, readFields, readName } from "../read.ts";
import { SIGNATURE_BYTES } from "../signing.ts";
import { MAX_LIFETIME, type MessageId } from "./message.ts";

/** A broadcast as it travels: what its origin said, its signature, and what changes on the way. */
export interface BroadcastFrame extends MessageId {
  /** The links passed, this one included. */
  readonly hops: number;
  /** What is left of its life, as the one says who passes it on. */
  readonly remainingMs: number;
  readonly signature: Uint8Array;
  readonly statement: Uint8Array;
}

const FIELDS = 7;
/** The most hops that a frame can say. */
export const MAX_HOPS_SAID = 255;

export function broadcastFrameFields(frame: BroadcastFrame): readonly unknown[] {
  const { origin, epoch, seq, hops, remainingMs, signature, statement } = frame;
  return [origin, epoch, seq, hops, remainingMs, signature, statement];
}

/** @throws ProtocolError */
export function parseBroadcastFrame(value: unknown): BroadcastFrame {
  const fields = readFields(value, FIELDS, "a broadcast");
  const [origin, epoch, seq, hops, remainingMs, signature, statement] = fields;
  return {
    ...parseId([origin, epoch, seq]),
    hops: readCount(hops, "a broadcast's hops", MAX_HOPS_SAID),
    remainingMs: Math.min(readAmount(remainingMs, "a broadcast's remaining time"), MAX_LIFETIME),
    signature: readBytes(signature, "a broadcast's signature", SIGNATURE_BYTES),
    statement: readBytes(statement, "a broadcast's statement"),
  };
}

/** @throws ProtocolError unless both name the same broadcast. */
export function assertSameId(frame: MessageId, said: MessageId): void {
  if (frame.origin === said.origin && frame.epoch === said.epoch && frame.seq === said.seq) return;
  throw new ProtocolError("a broadcast's frame and its statement speak of different broadcasts");
}

function parseId([origin, epoch, seq]: readonly unknown[]): MessageId {
  return {
    origin: readName(origin, "a broadcast's origin"),
    epoch: readCount(epoch, "a broadcast's epoch"),
    seq: readCount(seq, "a broadcast's number"),
  };
}
