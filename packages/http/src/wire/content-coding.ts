import type { Transform } from "node:stream";
import { promisify } from "node:util";
import * as zlib from "node:zlib";

/** What is asked for, the best first. */
export const ACCEPT_ENCODING = "zstd, br, gzip";

/** More than one is rare, and each costs time and memory: a server that names many means no good. */
const MAX_CODINGS = 3;

interface Coding {
  readonly decode: (
    content: Uint8Array,
    options: { maxOutputLength: number },
  ) => Promise<Uint8Array>;
  readonly open: () => Transform;
}

const gzip: Coding = { decode: promisify(zlib.gunzip), open: () => zlib.createGunzip() };

const known: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", { decode: promisify(zlib.inflate), open: () => zlib.createInflate() }],
  ["br", { decode: promisify(zlib.brotliDecompress), open: () => zlib.createBrotliDecompress() }],
  ["zstd", { decode: promisify(zlib.zstdDecompress), open: () => zlib.createZstdDecompress() }],
]);

/** The codings that a `content-encoding` names, in the order in which they are undone; none if one is unknown. */
export function contentCodings(header: string | readonly string[]): readonly string[] {
  const names = String(header)
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  return names.every((name) => known.has(name)) ? names.toReversed() : [];
}

/** Undoes them, one after the other, each giving at most `maxBytes`. Rejects as `node:zlib` does. */
export async function decoded(
  content: Uint8Array,
  codings: readonly string[],
  maxBytes: number,
): Promise<Uint8Array> {
  const limit = { maxOutputLength: Math.min(maxBytes, Number.MAX_SAFE_INTEGER) };
  let plain = content;
  for (const coding of checkedCount(codings)) {
    plain = (await known.get(coding)?.decode(plain, limit)) ?? plain;
  }
  return plain;
}

/** A stream for each, to be piped through in turn. */
export function decoders(codings: readonly string[]): readonly Transform[] {
  return checkedCount(codings).flatMap((coding) => known.get(coding)?.open() ?? []);
}

function checkedCount(codings: readonly string[]): readonly string[] {
  if (codings.length <= MAX_CODINGS) return codings;
  throw new RangeError(`compressed ${codings.length} times over`);
}
