import { deserializeError, type NetworkError, ProtocolError } from "@net/core";
import { areNames } from "../names.ts";
import { type Frame, packFrame, unpackList } from "./frame.ts";
import { FrameKind } from "./kinds.ts";
import { MAX_HOPS, type Path, SESSION_BYTES } from "./routed.ts";

/**
 * A relay's word to an end of a session that it could not pass a frame on: `[hop, path, session, error]`, the path being the
 * way back. It is a hint: who relays could as well have said nothing.
 */
export interface Notice {
  /** Which peer of the path the notice is going to. */
  readonly hop: number;
  /** From the relay to the end. */
  readonly path: Path;
  readonly session: string;
  readonly error: NetworkError;
}

const SESSION: RegExp = new RegExp(`^[0-9a-f]{${SESSION_BYTES * 2}}$`);

export function encodeNotice({ hop, path, session, error }: Notice): Uint8Array {
  const { name, code, message } = error;
  return packFrame(FrameKind.notice, [hop, path, session, { name, code, message }]);
}

/** @throws ProtocolError */
export function decodeNotice(frame: Frame): Notice {
  const [hop, path, session, error] = unpackList(frame);
  const isPath = areNames(path, MAX_HOPS + 1) && path.length >= 2;
  const isHop = typeof hop === "number" && Number.isInteger(hop) && hop >= 1;
  if (!isPath || !isHop || hop >= path.length) throw new ProtocolError("a notice has no path");
  if (typeof session !== "string" || !SESSION.test(session)) {
    throw new ProtocolError("a notice names no session");
  }
  return { hop, path, session, error: deserializeError(error) };
}
