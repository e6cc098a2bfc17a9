import type { AdvertVersion, LinkStateAdvert } from "./advert.ts";
import { type LinkStateDatabase, MAX_ORIGINS } from "./database.ts";
import {
  type AdvertSummary,
  bucketOf,
  type DatabaseDigest,
  type DigestDifference,
  differingBuckets,
  parseDifference,
  parseDigest,
  parseOrigins,
  reconcile,
  versionHash,
} from "./digest.ts";

/** What to do after two nodes have compared what they hold. */
export interface Resynchronisation {
  /** Origins to ask the other node for. */
  readonly want: readonly string[];
  /** Adverts that the other node lacks: send them. */
  readonly send: readonly LinkStateAdvert[];
}

export interface ResyncOptions {
  readonly self: string;
  readonly database: LinkStateDatabase;
  /** This node's last advert, which the others hold and its own database does not. */
  readonly own: () => LinkStateAdvert | undefined;
  /** The version of that; or, before the first one, what it begins from. */
  readonly ownVersion: () => AdvertVersion;
}

/** Living and withdrawn ones. */
const MAX_HELD: number = MAX_ORIGINS * 2;

/**
 * How two databases become equal by exchanging what differs: one sends its digest; the other answers with what it holds
 * where the digests differ; the first then knows what to send and what to ask for.
 */
export class Resync {
  readonly #self: string;
  readonly #database: LinkStateDatabase;
  readonly #own: () => LinkStateAdvert | undefined;
  readonly #ownVersion: () => AdvertVersion;

  constructor({ self, database, own, ownVersion }: ResyncOptions) {
    this.#self = self;
    this.#database = database;
    this.#own = own;
    this.#ownVersion = ownVersion;
  }

  digest(): DatabaseDigest {
    const { buckets } = this.#database.digest();
    const own = this.#own();
    if (!own) return { buckets };
    const mixed = (buckets[bucketOf(this.#self)] as number) ^ versionHash(this.#self, own);
    return { buckets: buckets.with(bucketOf(this.#self), mixed >>> 0) };
  }

  /** @throws ValidationError */
  compare(digest: unknown): DigestDifference | undefined {
    const buckets = differingBuckets(this.digest(), parseDigest(digest));
    if (buckets.length === 0) return undefined;
    const held = [...this.#versions()]
      .filter(([origin]) => buckets.includes(bucketOf(origin)))
      .map(([origin, { epoch, seq }]): AdvertSummary => [origin, epoch, seq]);
    return { buckets, held };
  }

  /**
   * What others hold of this node is wanted only if it is newer than what it said: from before a restart with a clock that
   * went backwards, say. Once it has seen that, it can outrank it (RFC 2328 §13.4).
   *
   * @throws ValidationError
   */
  reconcile(difference: unknown): Resynchronisation {
    const parsed = parseDifference(difference, MAX_HELD);
    const knows = (origin: string): AdvertVersion | undefined =>
      origin === this.#self ? this.#ownVersion() : this.#database.versionOf(origin);
    const { want, send } = reconcile(parsed, this.#versions(), knows);
    return { want, send: this.advertsOf(send) };
  }

  /** Each once, however often it is asked for. @throws ValidationError */
  advertsOf(origins: unknown): readonly LinkStateAdvert[] {
    return [...new Set(parseOrigins(origins, MAX_HELD))]
      .map((origin) => (origin === this.#self ? this.#own() : this.#database.forwardable(origin)))
      .filter((advert) => advert !== undefined);
  }

  /** The versions of all that this node can pass on. */
  #versions(): ReadonlyMap<string, AdvertVersion> {
    const own = this.#own();
    const versions = this.#database.versions();
    return own ? versions.set(this.#self, own) : versions;
  }
}
