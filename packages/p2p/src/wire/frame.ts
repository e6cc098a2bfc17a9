import { isRecord, type JsonObject, ProtocolError } from "@net/core";
import { type FrameKind, isFrameKind } from "./kinds.ts";

// Version 0 of the wire, which will be replaced. A frame is
//
//   byte 0      version: 0
//   byte 1      kind, see kinds.ts
//   byte 2      hop: which peer of the path the frame is going to; 0 on frames that stay on one link
//   byte 3      0
//   bytes 4–7   length of the header, big-endian
//   then        the header: a JSON object in UTF-8
//   then        the body: whatever is left
//
// A relay changes nothing but the hop.

const WIRE_VERSION = 0;
/** Room for all capabilities of a peer, or a path, a key and some labels; what is larger belongs into the body. */
export const MAX_HEADER_BYTES: number = 64 * 1024;

const PREFIX_BYTES = 8;
const HOP_OFFSET = 2;
const HEADER_LENGTH_OFFSET = 4;

export type Header = Readonly<Record<string, unknown>>;

export interface Frame {
  readonly kind: FrameKind;
  readonly hop: number;
  readonly header: Header;
  readonly body: Uint8Array;
  /** All of it, as it came. */
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const nothing = new Uint8Array();

/** @throws ProtocolError if the header is too large: whoever calls keeps names and counts in their limits. */
export function encodeFrame(
  kind: FrameKind,
  header: JsonObject,
  body: Uint8Array = nothing,
  hop = 0,
): Uint8Array {
  const head = encoder.encode(JSON.stringify(header));
  if (head.length > MAX_HEADER_BYTES) throw headerTooLarge(head.length);
  const bytes = new Uint8Array(PREFIX_BYTES + head.length + body.length);
  bytes.set([WIRE_VERSION, kind, hop]);
  new DataView(bytes.buffer).setUint32(HEADER_LENGTH_OFFSET, head.length);
  bytes.set(head, PREFIX_BYTES);
  bytes.set(body, PREFIX_BYTES + head.length);
  return bytes;
}

/** @throws ProtocolError if the bytes are no frame of this version. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const [version, kind, hop = 0, zero] = bytes;
  if (bytes.length < PREFIX_BYTES) throw new ProtocolError("a frame ends within its prefix");
  if (version !== WIRE_VERSION) {
    throw new ProtocolError(`a frame is of version ${version}; this peer speaks ${WIRE_VERSION}`);
  }
  if (!isFrameKind(kind)) throw new ProtocolError(`a frame is of the unknown kind ${kind}`);
  if (zero !== 0) throw new ProtocolError("a frame's reserved byte is not 0");
  const end = PREFIX_BYTES + headerLength(bytes);
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, end));
  return { kind, hop, header, body: bytes.subarray(end), bytes };
}

/** The same frame on its way to the next peer of its path; the old bytes stay as they are. */
export function nextHop({ bytes, hop }: Frame): Uint8Array {
  const next = bytes.slice();
  next[HOP_OFFSET] = hop + 1;
  return next;
}

function headerLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(HEADER_LENGTH_OFFSET);
  if (length > MAX_HEADER_BYTES) throw headerTooLarge(length);
  if (PREFIX_BYTES + length > bytes.length) {
    throw new ProtocolError("a frame ends within its header");
  }
  return length;
}

function parseHeader(bytes: Uint8Array): Header {
  const header = parseJson(bytes, "a frame's header");
  if (!isRecord(header)) throw new ProtocolError("a frame's header is no JSON object");
  return header;
}

/** @throws ProtocolError if the bytes are no JSON. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch (cause) {
    throw new ProtocolError(`${what} is no JSON`, { cause });
  }
}

function headerTooLarge(length: number): ProtocolError {
  return new ProtocolError(`a header of ${length} bytes is over the limit of ${MAX_HEADER_BYTES}`, {
    code: "FRAME_TOO_LARGE",
  });
}
