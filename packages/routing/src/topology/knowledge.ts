import { type Clock, OverloadedError } from "@net/core";
import type { CostFunction } from "../cost.ts";
import type { LinkMetrics } from "../link-metrics.ts";
import type { LinkStateAdvert } from "../link-state/advert.ts";
import { type AdvertChange, LinkStateDatabase, MAX_ORIGINS } from "../link-state/database.ts";
import type { Claims } from "./link-graph.ts";
import { LocalLinks, toClaim } from "./local-links.ts";
import { type KnownPeer, knownPeer, type PeerInfo, samePeerInfo } from "./peer.ts";
import { Routes } from "./routes.ts";

/** How many of the adverts that were not heard of for longest may be given up for a new one, if they lead nowhere. */
const MAX_EVICTION_LOOKS = 64;

const noClaims: Claims = new Map();

/** Everything a node knows of its network, from three sources: what was added, its own links, the adverts of others. */
export class Knowledge {
  readonly routes: Routes;
  readonly database: LinkStateDatabase;
  readonly links: LocalLinks;
  readonly #self: string;
  readonly #added = new Map<string, PeerInfo>();
  #relay = true;

  constructor(self: string, clock: Clock, cost: CostFunction) {
    this.#self = self;
    this.routes = new Routes(self, clock);
    this.database = new LinkStateDatabase(clock);
    this.links = new LocalLinks(cost);
  }

  /** All nodes, this one first. */
  get ids(): IterableIterator<string> {
    return this.routes.links.graph.nodes.keys();
  }

  /**
   * Takes a peer that `readPeerInfo` has read.
   *
   * @returns whether anything is different now.
   * @throws OverloadedError if there is no room.
   */
  add(info: PeerInfo): boolean {
    const known = this.#added.get(info.peerId);
    if (known && samePeerInfo(known, info)) return false;
    if (!known && this.#added.size >= MAX_ORIGINS) {
      throw new OverloadedError(`${MAX_ORIGINS} peers were added already`);
    }
    this.#added.set(info.peerId, info);
    this.refresh(info.peerId);
    return true;
  }

  /** Forgets a peer; says what was known of it. */
  forget(peerId: string): { readonly linked: boolean; readonly known: boolean } {
    const added = this.#added.delete(peerId);
    const advertised = this.database.forget(peerId);
    const linked = this.drop(peerId);
    this.refresh(peerId);
    return { linked, known: added || advertised || linked };
  }

  observe(peerId: string, metrics: LinkMetrics): boolean {
    const changed = this.links.observe(peerId, metrics);
    if (changed) this.#refreshLink(peerId);
    return changed;
  }

  drop(peerId: string): boolean {
    const dropped = this.links.drop(peerId);
    if (dropped) this.#refreshLink(peerId);
    return dropped;
  }

  setRelay(relay: boolean): boolean {
    this.#relay = relay;
    return this.#refreshSelf();
  }

  /** @throws OverloadedError if there is no room. */
  apply(advert: LinkStateAdvert): AdvertChange {
    if (this.database.isFullFor(advert)) this.#evict();
    const change = this.database.apply(advert);
    if (change === "changed" || change === "withdrawn") this.refresh(advert.origin);
    return change;
  }

  expire(): boolean {
    const expired = this.database.expire();
    for (const origin of expired) this.refresh(origin);
    return expired.length > 0;
  }

  /** What is known of another node, which must be known. */
  describe(peerId: string): KnownPeer {
    return knownPeer(peerId, {
      added: this.#added.get(peerId),
      advert: this.database.get(peerId),
      link: this.links.get(peerId),
      reach: this.routes.reach(peerId),
    });
  }

  /** Brings the graph in line with what is known of one other node. */
  refresh(peerId: string): void {
    const claims = this.#claimsOf(peerId);
    if (!claims) this.routes.remove(peerId);
    else this.routes.set(peerId, claims, this.database.get(peerId)?.relay ?? true);
  }

  #refreshLink(peerId: string): void {
    this.#refreshSelf();
    this.refresh(peerId);
  }

  #refreshSelf(): boolean {
    return this.routes.set(this.#self, this.links.claims(), this.#relay);
  }

  /** A neighbour that has said nothing yet is taken to have our link too; one that was only added has none. */
  #claimsOf(peerId: string): Claims | undefined {
    const advertised = this.database.linksOf(peerId);
    if (advertised) return advertised;
    const link = this.links.get(peerId);
    if (link) return new Map([[this.#self, toClaim(link)]]);
    return this.#added.has(peerId) ? noClaims : undefined;
  }

  /** Made-up origins lead nowhere: they make room for others. */
  #evict(): void {
    let looks = 0;
    for (const origin of this.database.origins()) {
      if (++looks > MAX_EVICTION_LOOKS) return;
      if (this.routes.reach(origin)) continue;
      this.database.forget(origin);
      this.refresh(origin);
      return;
    }
  }
}
