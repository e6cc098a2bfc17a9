import type { AdvertSummary, DatabaseDigest, DigestDifference } from "@net/routing";
import {
  malformed,
  readBytes,
  readCount,
  readFields,
  readList,
  readName,
  readNames,
} from "../read.ts";

/** The buckets of a digest. */
const BUCKETS = 256;
/** The most summaries in one difference, and the most origins in one want: what differs more takes several frames. */
export const MAX_PER_FRAME = 512;
/** Buckets that hold more cannot be split. */
const MAX_HELD = 32_768;

/** The buckets as 256 numbers of 32 bits, big-endian. */
export function digestFields({ buckets }: DatabaseDigest): readonly unknown[] {
  const bytes = new Uint8Array(BUCKETS * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, bucket] of buckets.entries()) view.setUint32(index * 4, bucket);
  return [bytes];
}

/** @throws ProtocolError */
export function parseDigest(value: unknown): DatabaseDigest {
  const [buckets] = readFields(value, 1, "a digest");
  const bytes = readBytes(buckets, "the buckets of a digest", BUCKETS * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { buckets: Array.from({ length: BUCKETS }, (_, index) => view.getUint32(index * 4)) };
}

export function differenceFields({ buckets, held }: DigestDifference): readonly unknown[] {
  return [buckets, held];
}

/** @throws ProtocolError */
export function parseDifference(value: unknown): DigestDifference {
  const [buckets, held] = readFields(value, 2, "a difference");
  return {
    buckets: readList(buckets, BUCKETS, "the buckets of a difference").map(readBucket),
    held: readList(held, MAX_HELD, "the adverts of a difference").map(readSummary),
  };
}

export function wantFields(origins: readonly string[]): readonly unknown[] {
  return [origins];
}

/** @throws ProtocolError */
export function parseWant(value: unknown): readonly string[] {
  const [origins] = readFields(value, 1, "a want");
  return readNames(origins, MAX_PER_FRAME, "the origins of a want");
}

function readBucket(value: unknown): number {
  const bucket = readCount(value, "a bucket of a difference");
  if (bucket < BUCKETS) return bucket;
  throw malformed("a bucket of a difference", `below ${BUCKETS}`);
}

function readSummary(value: unknown): AdvertSummary {
  const [origin, epoch, seq] = readFields(value, 3, "an advert of a difference");
  return [
    readName(origin, "an origin of a difference"),
    readCount(epoch, "an epoch of a difference"),
    readCount(seq, "a number of a difference"),
  ];
}
