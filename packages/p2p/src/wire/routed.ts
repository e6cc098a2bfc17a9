import { ProtocolError } from "@net/core";
import { isName } from "../names.ts";
import { FrameKind } from "./kinds.ts";

// A frame of a relayed session, on its way along a path of peers:
//
//   byte 0       the kind
//   byte 1       hop: which peer of the path the frame is going to, from 1
//   byte 2       flags, see RoutedFlag
//   bytes 3–10   the session, a number that its initiator drew
//   byte 11      how many peers the path has, 2 to 8
//   then         the path: for each peer the length of its id in UTF-8 (2 bytes, big-endian) and the id
//   then         the body: what the two ends of the session say, which nobody else can read
//
// A relay changes nothing but the hop. Frames of one session are never reordered.

/** The most links on the way of a frame. */
export const MAX_HOPS = 7;
/** A session's number. */
export const SESSION_BYTES = 8;

/** The peers that a frame passes: who sent it first, whom it is for last. */
export type Path = readonly string[];

export const RoutedFlag = {
  /** The first frame of a session: only this one begins something at the other end. */
  open: 1,
  /** The session is over for the one who sends this. It has no body. */
  end: 2,
  /** The session's frames are not urgent. */
  bulk: 4,
  /** From the end that did not open the session. */
  answer: 8,
} as const;

export interface Routed {
  readonly hop: number;
  readonly flags: number;
  /** In hexadecimal digits. */
  readonly session: string;
  readonly path: Path;
  readonly body: Uint8Array;
}

const HOP_OFFSET = 1;
const SESSION_OFFSET = 3;
const COUNT_OFFSET: number = SESSION_OFFSET + SESSION_BYTES;
const PATH_OFFSET: number = COUNT_OFFSET + 1;
const ALL_FLAGS: number = Object.values(RoutedFlag).reduce((all, flag) => all | flag, 0);

/** What stands before the body of every frame of a session, for the second peer of the path. */
export function encodeRoutedHeader(session: string, path: Path): Buffer {
  const ids = path.map((id) => Buffer.from(id));
  const size = ids.reduce((sum, id) => sum + 2 + id.byteLength, PATH_OFFSET);
  const header = Buffer.alloc(size);
  header[0] = FrameKind.routed;
  header[HOP_OFFSET] = 1;
  header.write(session, SESSION_OFFSET, "hex");
  header[COUNT_OFFSET] = path.length;
  let at = PATH_OFFSET;
  for (const id of ids) {
    header.writeUInt16BE(id.byteLength, at);
    id.copy(header, at + 2);
    at += 2 + id.byteLength;
  }
  return header;
}

/** @param header of {@link encodeRoutedHeader}. */
export function encodeRouted(header: Uint8Array, flags: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(header.byteLength + body.byteLength);
  frame.set(header);
  frame[2] = flags;
  frame.set(body, header.byteLength);
  return frame;
}

/** The same frame for the next peer of its path; its bytes are changed in place. */
export function nextHop(frame: Uint8Array): Uint8Array {
  frame[HOP_OFFSET] = (frame[HOP_OFFSET] as number) + 1;
  return frame;
}

/** @throws ProtocolError unless it has a path of 2 to 8 different peers, and a place on it. */
export function decodeRouted(frame: Uint8Array): Routed {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (bytes.byteLength < PATH_OFFSET) throw malformed("no header");
  const flags = bytes.readUInt8(2);
  const count = bytes.readUInt8(COUNT_OFFSET);
  const hop = bytes.readUInt8(HOP_OFFSET);
  if ((flags & ~ALL_FLAGS) !== 0) throw malformed("unknown flags");
  if (count < 2 || count > MAX_HOPS + 1) throw malformed(`a path of ${count} peers`);
  if (hop < 1 || hop >= count) throw malformed("a hop that is not on its path");
  const { path, end } = readPath(bytes, count);
  const session = bytes.toString("hex", SESSION_OFFSET, COUNT_OFFSET);
  return { hop, flags, session, path, body: frame.subarray(end) };
}

function readPath(bytes: Buffer, count: number): { path: string[]; end: number } {
  const path: string[] = [];
  let end = PATH_OFFSET;
  for (let i = 0; i < count; i++) {
    if (end + 2 > bytes.byteLength) throw malformed("a path that does not fit");
    const start = end + 2;
    end = start + bytes.readUInt16BE(end);
    if (end > bytes.byteLength) throw malformed("a path that does not fit");
    const id = bytes.toString("utf8", start, end);
    if (!isName(id) || path.includes(id)) throw malformed("a path that is none");
    path.push(id);
  }
  return { path, end };
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(`a routed frame is malformed: it has ${what}`);
}
