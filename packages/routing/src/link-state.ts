import { type Clock, NetworkError, OverloadedError } from "@net/core";
import { type AdvertVersion, isNewer, type LinkStateAdvert, saysTheSame } from "./advert.ts";
import type { Arc } from "./graph.ts";

/** How long an advert counts after it was heard, in ms. Origins refresh theirs every 30 s. */
export const ADVERT_LIFETIME = 90_000;
/** How long a dead advert is remembered, in ms, so that a copy on its way round the network does not revive it. */
const MEMORY = 15 * 60_000;
/** The most origins known or remembered: bounds what made-up ones can take. */
export const MAX_ORIGINS = 16_384;

/** What an advert brought: `stale` nothing, `refreshed` a longer life for what was known, `changed` something new. */
export type AdvertChange = "changed" | "refreshed" | "stale";

interface Entry {
  readonly advert: LinkStateAdvert;
  readonly links: ReadonlyMap<string, Arc>;
  readonly heardAtMs: number;
}

interface Memory extends AdvertVersion {
  readonly sinceMs: number;
}

/**
 * The newest advert of every origin. Nothing runs by itself: {@link LinkStateDatabase.expire} lets go of what is
 * too old. Both maps are ordered by time, oldest first, since an entry that changes moves to the end.
 */
export class LinkStateDatabase {
  readonly #clock: Clock;
  readonly #live = new Map<string, Entry>();
  readonly #dead = new Map<string, Memory>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The advert of that origin that counts. */
  get(origin: string): LinkStateAdvert | undefined {
    return this.#live.get(origin)?.advert;
  }

  /** Every origin whose advert counts, with the links it advertises. */
  *links(): Generator<[origin: string, links: ReadonlyMap<string, Arc>], void, undefined> {
    for (const [origin, { links }] of this.#live) yield [origin, links];
  }

  /**
   * Takes an advert that {@link parseAdvert} has read.
   *
   * @throws NetworkError `CONFLICT` if an advert with this origin, epoch and seq says something else;
   *   OverloadedError beyond {@link MAX_ORIGINS} origins.
   */
  apply(advert: LinkStateAdvert): AdvertChange {
    const known = this.#live.get(advert.origin);
    const newest = known?.advert ?? this.#dead.get(advert.origin);
    if (newest && !isNewer(advert, newest)) {
      if (known && !isNewer(known.advert, advert)) assertSame(advert, known.advert);
      return "stale";
    }
    if (!known && this.#live.size >= MAX_ORIGINS) {
      throw new OverloadedError(`adverts of ${MAX_ORIGINS} origins are known already`);
    }
    this.#store(advert);
    return known && saysTheSame(advert, known.advert) ? "refreshed" : "changed";
  }

  /** Lets an origin's advert go; only a newer one makes it known again. */
  forget(origin: string): boolean {
    const entry = this.#live.get(origin);
    if (!entry) return false;
    const { epoch, seq } = entry.advert;
    this.#live.delete(origin);
    this.#dead.set(origin, { epoch, seq, sinceMs: this.#clock.monotonicMs() });
    this.#trimMemory();
    return true;
  }

  /** Lets go of everything too old; says whether an advert was among it. */
  expire(): boolean {
    const now = this.#clock.monotonicMs();
    let expired = false;
    for (const [origin, { heardAtMs }] of this.#live) {
      if (now - heardAtMs < ADVERT_LIFETIME) break;
      expired = this.forget(origin);
    }
    for (const [origin, { sinceMs }] of this.#dead) {
      if (now - sinceMs < MEMORY) break;
      this.#dead.delete(origin);
    }
    return expired;
  }

  #store(advert: LinkStateAdvert): void {
    const links = new Map(advert.links.map((link) => [link.peer, link]));
    this.#dead.delete(advert.origin);
    this.#live.delete(advert.origin);
    this.#live.set(advert.origin, { advert, links, heardAtMs: this.#clock.monotonicMs() });
  }

  #trimMemory(): void {
    const [oldest] = this.#dead.keys();
    if (this.#dead.size > MAX_ORIGINS && oldest !== undefined) this.#dead.delete(oldest);
  }
}

/** Two adverts under one key: the origin runs twice, or somebody forges. */
function assertSame(advert: LinkStateAdvert, known: LinkStateAdvert): void {
  if (saysTheSame(advert, known)) return;
  const { origin, epoch, seq } = advert;
  const message = `two different adverts of ${origin} claim epoch ${epoch}, seq ${seq}; the first one stays`;
  throw new NetworkError("CONFLICT", message, { details: { origin, epoch, seq } });
}
