import type { JsonObject } from "@net/core";
import { isName } from "../names.ts";
import { malformed } from "./fields.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import type { FrameKind } from "./kinds.ts";

/** The most links on the way of a frame. */
export const MAX_HOPS = 7;

/** The peers that a frame passes: who sent it first, whom it is for last. */
export type Path = readonly string[];

/** A frame that goes along a path. */
export interface Envelope {
  readonly frame: Frame;
  readonly path: Path;
  readonly origin: string;
  readonly destination: string;
}

/** A frame for the second peer of the path. */
export function encodeRouted(
  kind: FrameKind,
  path: Path,
  fields: JsonObject,
  body?: Uint8Array,
): Uint8Array {
  return encodeFrame(kind, { path, ...fields }, body, 1);
}

/** @throws ProtocolError unless the path has 2 to 8 different peers and the hop is within it. */
export function readEnvelope(frame: Frame): Envelope {
  const path = frame.header.path;
  if (!isPath(path)) throw malformed("path", "a list of 2 to 8 different peer ids");
  if (frame.hop < 1 || frame.hop >= path.length) throw malformed("hop", "a place on the path");
  return { frame, path, origin: path[0] as string, destination: path.at(-1) as string };
}

/** The way back from the peer that a frame has reached. */
export function wayBack({ frame, path }: Envelope): Path {
  return path.slice(0, frame.hop + 1).reverse();
}

/** Whether `back` leads from a peer of `path` to its start, the way that `path` came. */
export function leadsBack(back: Path, path: Path): boolean {
  return back.length <= path.length && back.every((id, i) => id === path[back.length - 1 - i]);
}

function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.length <= MAX_HOPS + 1 &&
    value.every(isName) &&
    new Set(value).size === value.length
  );
}
