import { type Clock, OverloadedError } from "@net/core";
import {
  ADVERT_LIFETIME,
  type AdvertLink,
  type AdvertVersion,
  advertLength,
  isNewer,
  isWithdrawal,
  type LinkStateAdvert,
} from "./advert.ts";
import { saysTheSame } from "./canonical-advert.ts";
import { BUCKETS, bucketOf, type DatabaseDigest, versionHash } from "./digest.ts";

/** How long a dead advert is remembered, in ms, so that a copy on its way round the network does not revive it. */
const MEMORY = 15 * 60_000;
/** The most origins known, and the most remembered: bounds what made-up ones can take. */
export const MAX_ORIGINS = 16_384;
/** The most characters in all adverts together. */
const MAX_TOTAL_LENGTH = 2 ** 26;

/**
 * What an advert brought: `stale` nothing, `refreshed` a longer life for what was known, `changed` something new,
 * `withdrawn` that its origin has left.
 */
export type AdvertChange = "changed" | "refreshed" | "stale" | "withdrawn";

interface Entry {
  readonly advert: LinkStateAdvert;
  readonly links: ReadonlyMap<string, AdvertLink>;
  readonly length: number;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
}

interface Memory extends AdvertVersion {
  readonly sinceMs: number;
  /** The advert that took it out, for those that have not heard of it yet. */
  readonly withdrawal: LinkStateAdvert | undefined;
}

/**
 * The newest advert of every origin, and for a while the version of those that are gone. Nothing runs by itself:
 * {@link LinkStateDatabase.expire} lets go of what is too old. The map of the living is ordered by when they were heard,
 * since an entry that changes moves to the end.
 */
export class LinkStateDatabase {
  readonly #clock: Clock;
  readonly #live = new Map<string, Entry>();
  readonly #dead = new Map<string, Memory>();
  readonly #buckets = new Uint32Array(BUCKETS);
  #length = 0;
  /** Nothing expires before. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#live.size;
  }

  /** The advert of that origin that counts. */
  get(origin: string): LinkStateAdvert | undefined {
    return this.#live.get(origin)?.advert;
  }

  /** What that advert says of links, by neighbour. */
  linksOf(origin: string): ReadonlyMap<string, AdvertLink> | undefined {
    return this.#live.get(origin)?.links;
  }

  /** All origins whose adverts count, those first that were not heard of for longest. */
  origins(): IterableIterator<string> {
    return this.#live.keys();
  }

  /** The newest version known of that origin, dead or alive. */
  versionOf(origin: string): AdvertVersion | undefined {
    return this.#live.get(origin)?.advert ?? this.#dead.get(origin);
  }

  /** Whether the advert is newer than what is known; a dead one counts as known while it is remembered. */
  isNews(advert: LinkStateAdvert): boolean {
    const newest = this.versionOf(advert.origin);
    return !newest || isNewer(advert, newest);
  }

  /** Whether an advert with the same key says something else: its origin runs twice, or somebody forges. */
  contradicts(advert: LinkStateAdvert): boolean {
    const { origin, epoch, seq } = advert;
    const known = this.get(origin) ?? this.#dead.get(origin)?.withdrawal;
    if (!known || known.epoch !== epoch || known.seq !== seq) return false;
    return !saysTheSame(known, advert);
  }

  /** Whether there is no room for it. */
  isFullFor(advert: LinkStateAdvert): boolean {
    const known = this.#live.get(advert.origin);
    const length = this.#length - (known?.length ?? 0) + advertLength(advert);
    return (!known && this.#live.size >= MAX_ORIGINS) || length > MAX_TOTAL_LENGTH;
  }

  /** Takes an advert that `parseAdvert` has read. @throws OverloadedError if there is no room. */
  apply(advert: LinkStateAdvert): AdvertChange {
    if (!this.isNews(advert)) return "stale";
    if (isWithdrawal(advert)) {
      const wasAlive = this.#live.has(advert.origin);
      this.#bury(advert.origin, advert, advert);
      return wasAlive ? "withdrawn" : "refreshed";
    }
    if (remainingMs(advert) <= 0) return "stale";
    if (this.isFullFor(advert)) {
      throw new OverloadedError(
        `the adverts of ${this.#live.size} origins leave no room for another`,
      );
    }
    const known = this.get(advert.origin);
    this.#store(advert);
    return known && saysTheSame(advert, known) ? "refreshed" : "changed";
  }

  /** Lets an origin's advert go; only a newer one makes it known again. */
  forget(origin: string): boolean {
    const entry = this.#live.get(origin);
    if (entry) this.#bury(origin, entry.advert, undefined);
    return entry !== undefined;
  }

  /** Lets go of everything too old; says whose adverts were among it. */
  expire(): readonly string[] {
    const now = this.#clock.monotonicMs();
    if (now < this.#nextExpiryMs) return [];
    const expired: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [origin, { expiresAtMs }] of this.#live) {
      if (expiresAtMs <= now) expired.push(origin);
      else next = Math.min(next, expiresAtMs);
    }
    for (const origin of expired) this.forget(origin);
    this.#nextExpiryMs = Math.min(next, this.#forgetDead(now));
    return expired;
  }

  digest(): DatabaseDigest {
    return { buckets: [...this.#buckets] };
  }

  /** The versions of all that counts or was withdrawn. */
  versions(): Map<string, AdvertVersion> {
    const versions = new Map<string, AdvertVersion>();
    for (const [origin, { advert }] of this.#live) versions.set(origin, advert);
    for (const [origin, memory] of this.#dead) if (memory.withdrawal) versions.set(origin, memory);
    return versions;
  }

  /** An origin's advert or withdrawal, to be passed on: it says how old it is by now. */
  forwardable(origin: string): LinkStateAdvert | undefined {
    const entry = this.#live.get(origin);
    if (!entry) return this.#dead.get(origin)?.withdrawal;
    const { ageMs: _, ...advert } = entry.advert;
    const ageMs = Math.round(this.#clock.monotonicMs() - entry.sentAtMs);
    return ageMs === 0 ? advert : { ...advert, ageMs };
  }

  #store(advert: LinkStateAdvert): void {
    const now = this.#clock.monotonicMs();
    this.#remove(advert.origin);
    const expiresAtMs = now + remainingMs(advert);
    const links = new Map(advert.links.map((link) => [link.peer, link]));
    const length = advertLength(advert);
    const sentAtMs = now - (advert.ageMs ?? 0);
    this.#live.set(advert.origin, { advert, links, length, sentAtMs, expiresAtMs });
    this.#length += length;
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresAtMs);
    this.#mix(advert.origin, advert);
  }

  #bury(
    origin: string,
    { epoch, seq }: AdvertVersion,
    withdrawal: LinkStateAdvert | undefined,
  ): void {
    this.#remove(origin);
    this.#dead.set(origin, { epoch, seq, withdrawal, sinceMs: this.#clock.monotonicMs() });
    if (withdrawal) this.#mix(origin, withdrawal);
    const [oldest] = this.#dead.keys();
    if (this.#dead.size > MAX_ORIGINS && oldest !== undefined) this.#remove(oldest);
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, this.#clock.monotonicMs() + MEMORY);
  }

  /** Forgets an origin altogether, dead or alive. */
  #remove(origin: string): void {
    const entry = this.#live.get(origin);
    const withdrawal = this.#dead.get(origin)?.withdrawal;
    const held = entry?.advert ?? withdrawal;
    if (held) this.#mix(origin, held);
    this.#length -= entry?.length ?? 0;
    this.#live.delete(origin);
    this.#dead.delete(origin);
  }

  /** Puts a version into its bucket, or takes it out: exclusive or undoes itself. */
  #mix(origin: string, version: AdvertVersion): void {
    const bucket = bucketOf(origin);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) ^ versionHash(origin, version);
  }

  /** Says when the next of those remembered is to be forgotten. */
  #forgetDead(now: number): number {
    for (const [origin, { sinceMs }] of this.#dead) {
      if (now - sinceMs < MEMORY) return sinceMs + MEMORY;
      this.#remove(origin);
    }
    return Number.POSITIVE_INFINITY;
  }
}

/** How long an advert still counts: who passes it on can shorten that, not lengthen it. */
function remainingMs({ ttlMs, ageMs = 0 }: LinkStateAdvert): number {
  return Math.min(ADVERT_LIFETIME, ttlMs) - ageMs;
}
