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

  /** @param own this node's last advert, which the others hold and its own database does not. */
  constructor(self: string, database: LinkStateDatabase, own: () => LinkStateAdvert | undefined) {
    this.#self = self;
    this.#database = database;
    this.#own = own;
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

  /** @throws ValidationError */
  reconcile(difference: unknown): Resynchronisation {
    const parsed = parseDifference(difference, MAX_HELD);
    const knows = (origin: string): AdvertVersion | undefined => this.#database.versionOf(origin);
    const { want, send } = reconcile(parsed, this.#versions(), knows);
    return { want: want.filter((origin) => origin !== this.#self), send: this.advertsOf(send) };
  }

  /** @throws ValidationError */
  advertsOf(origins: unknown): readonly LinkStateAdvert[] {
    return parseOrigins(origins, MAX_HELD)
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
