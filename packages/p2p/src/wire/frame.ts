import { isRecord, ProtocolError } from "@net/core";
import { pack, unpack } from "./codec.ts";
import { FrameKind } from "./kinds.ts";

/** The fields of a frame, or of a part of it, before they were looked at. */
export type Header = Readonly<Record<string, unknown>>;

/** A frame of one of our kinds: the kind's byte, then what the kind says. */
export interface Frame {
  readonly kind: number;
  readonly body: Uint8Array;
}

const kinds: ReadonlySet<number> = new Set(Object.values(FrameKind));

export function encodeFrame(kind: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + body.byteLength);
  frame[0] = kind;
  frame.set(body, 1);
  return frame;
}

/** A frame whose body is MessagePack. */
export function packFrame(kind: FrameKind, value: unknown): Uint8Array {
  return encodeFrame(kind, pack(value));
}

/** @throws ProtocolError if it is of no kind that we know. Its body is a view. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const kind = bytes[0];
  if (kind === undefined) throw new ProtocolError("a frame is empty");
  if (!kinds.has(kind)) throw new ProtocolError(`a frame is of the unknown kind ${kind}`);
  return { kind, body: bytes.subarray(1) };
}

/** A body that is a list of fields. What comes after those that are known is left for later versions. @throws ProtocolError */
export function unpackList({ kind, body }: Frame): readonly unknown[] {
  const list = unpack(body);
  if (Array.isArray(list)) return list;
  throw new ProtocolError(`a frame of kind ${kind} is no list`);
}

/** A body with named fields. @throws ProtocolError */
export function unpackFields({ kind, body }: Frame): Header {
  const header = unpack(body);
  if (isRecord(header) && !(header instanceof Uint8Array)) return header;
  throw new ProtocolError(`a frame of kind ${kind} has no fields`);
}
