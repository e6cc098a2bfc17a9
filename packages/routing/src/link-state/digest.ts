import { isRecord } from "@net/core";
import { hashText } from "../hash.ts";
import { areNames, invalid, isName, NAME_RULE } from "../names.ts";
import { type AdvertVersion, isNewer } from "./advert.ts";
import { COUNT_RULE, isCount } from "./parse-advert.ts";

/** A database in about a kilobyte: equal buckets hold, but for one chance in 2³², the same versions of the same adverts. */
export interface DatabaseDigest {
  /** For each bucket the hashes of all versions in it, combined by exclusive or. */
  readonly buckets: readonly number[];
}

/** One advert that a database holds: its origin, epoch and sequence number. */
export type AdvertSummary = readonly [origin: string, epoch: number, seq: number];

/** What one side holds where the two digests differ. */
export interface DigestDifference {
  readonly buckets: readonly number[];
  readonly held: readonly AdvertSummary[];
}

/** What to do after two sides have compared. */
export interface Reconciliation {
  /** Origins of which the other side has something newer, or something at all. */
  readonly want: readonly string[];
  /** Origins of which this side has. */
  readonly send: readonly string[];
}

export const BUCKETS = 256;
const BUCKETS_RULE = `a list of ${BUCKETS} whole numbers from 0 to 2^32 - 1`;

/** Which bucket an origin is in. */
export function bucketOf(origin: string): number {
  return hashText(origin) % BUCKETS;
}

/** What a version of an advert adds to its bucket. */
export function versionHash(origin: string, { epoch, seq }: AdvertVersion): number {
  return hashText(`${epoch} ${seq} ${origin}`, 1);
}

/** The buckets in which two digests differ. */
export function differingBuckets(own: DatabaseDigest, other: DatabaseDigest): number[] {
  return [...own.buckets.keys()].filter((bucket) => own.buckets[bucket] !== other.buckets[bucket]);
}

/**
 * Compares what the other side holds in some buckets with what this one does.
 *
 * @param knows the newest version of an origin that this side has seen, even if it holds it no more.
 */
export function reconcile(
  { buckets, held }: DigestDifference,
  own: ReadonlyMap<string, AdvertVersion>,
  knows: (origin: string) => AdvertVersion | undefined,
): Reconciliation {
  const theirs = new Map(held.map(([origin, epoch, seq]) => [origin, { epoch, seq }]));
  const compared = new Set(buckets);
  const lacks = (there: AdvertVersion | undefined, here: AdvertVersion): boolean =>
    !there || isNewer(here, there);
  const want = [...theirs].filter(([origin, version]) => lacks(knows(origin), version));
  const send = [...own].filter(
    ([origin, version]) => compared.has(bucketOf(origin)) && lacks(theirs.get(origin), version),
  );
  return { want: want.map(([origin]) => origin), send: send.map(([origin]) => origin) };
}

/** Reads a digest that came from outside. @throws ValidationError */
export function parseDigest(value: unknown): DatabaseDigest {
  if (!isRecord(value)) throw invalid("an object", "digest");
  const { buckets } = value;
  const fits = Array.isArray(buckets) && buckets.length === BUCKETS;
  if (!fits || !Array.from(buckets).every(isWord)) throw invalid(BUCKETS_RULE, "digest", "buckets");
  return { buckets };
}

/** Reads a difference that came from outside. @throws ValidationError */
export function parseDifference(value: unknown, maxHeld: number): DigestDifference {
  if (!isRecord(value)) throw invalid("an object", "difference");
  const { buckets, held } = value;
  if (!Array.isArray(buckets) || buckets.length > BUCKETS || !Array.from(buckets).every(isBucket)) {
    throw invalid(`a list of at most ${BUCKETS} bucket numbers`, "difference", "buckets");
  }
  if (!Array.isArray(held) || held.length > maxHeld) {
    throw invalid(`a list of at most ${maxHeld} summaries`, "difference", "held");
  }
  return { buckets, held: Array.from(held, parseSummary) };
}

/** Reads a list of origins that came from outside. @throws ValidationError */
export function parseOrigins(value: unknown, max: number): readonly string[] {
  if (areNames(value, max)) return value;
  throw invalid(`a list of at most ${max} origins`, "origins");
}

function parseSummary(value: unknown, index: number): AdvertSummary {
  const at = ["difference", "held", index] as const;
  if (!Array.isArray(value)) throw invalid("a list of origin, epoch and seq", ...at);
  const [origin, epoch, seq]: unknown[] = value;
  if (!isName(origin)) throw invalid(NAME_RULE, ...at, 0);
  if (!isCount(epoch)) throw invalid(COUNT_RULE, ...at, 1);
  if (!isCount(seq)) throw invalid(COUNT_RULE, ...at, 2);
  return [origin, epoch, seq];
}

function isWord(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}

function isBucket(value: unknown): boolean {
  return isWord(value) && Number(value) < BUCKETS;
}
