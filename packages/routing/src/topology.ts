import {
  type Clock,
  EventPublisher,
  NetworkError,
  OverloadedError,
  systemClock,
  ValidationError,
} from "@net/core";
import { type LinkStateAdvert, parseAdvert } from "./advert.ts";
import { type CostFunction, linkCostUs } from "./cost.ts";
import type { Arc, LinkTable } from "./graph.ts";
import type { LinkMetrics } from "./link-metrics.ts";
import { type AdvertChange, LinkStateDatabase, MAX_ORIGINS } from "./link-state.ts";
import { AdvertWriter, type LocalDescription } from "./local-advert.ts";
import { LocalLinks } from "./local-links.ts";
import { NetworkView, type Route } from "./network-view.ts";
import {
  assertPeerId,
  type KnownPeer,
  knownPeer,
  type PeerInfo,
  readPeerInfo,
  samePeerInfo,
} from "./peer.ts";
import type { NetworkStats } from "./stats.ts";
import type { TopologyChange, TopologyEvents } from "./topology-events.ts";
import { peerNode, selfNode, type TopologyGraph } from "./topology-graph.ts";

export interface TopologyOptions {
  readonly clock?: Clock;
  /** What crossing a link costs. Default {@link linkCostUs}. */
  readonly cost?: CostFunction;
  /**
   * Which start of this node it is: higher than any before, or others take its adverts for old ones. Default: the
   * clock's time.
   */
  readonly epoch?: number;
}

/** What became of an advert: `stale` was known already or outdated, `rejected` was wrong. */
export type AdvertOutcome = "applied" | "stale" | "rejected";

const noLinks: ReadonlyMap<string, Arc> = new Map();

/**
 * The network as one node knows it: its own measured links and the adverts of all others, and the cheapest routes
 * through them. It sends and receives nothing: whoever holds the links passes adverts in and out.
 *
 * A link counts when both its ends advertise it. The one exception: a neighbour that has not advertised anything yet
 * is reached over the link to it.
 *
 * @example
 * ```ts
 * const topology = new NetworkTopology("laptop");
 * topology.observeLink("desktop", { rttMs: 2 });
 * broadcast(topology.localAdvert({ tools: ["search"] }));
 * onAdvert((advert) => topology.applyAdvert(advert) === "applied" && passOn(advert));
 * topology.findRoute("gpu-box"); // { path: ["laptop", "desktop", "gpu-box"], costUs: 4000, … }
 * ```
 */
export class NetworkTopology extends EventPublisher<TopologyEvents> {
  readonly #self: string;
  readonly #writer: AdvertWriter;
  readonly #database: LinkStateDatabase;
  readonly #links: LocalLinks;
  readonly #added = new Map<string, PeerInfo>();
  #version = 0;
  #view: NetworkView | undefined;

  /**
   * @param localPeerId the node whose view it is.
   * @throws ValidationError
   */
  constructor(localPeerId: string, options: TopologyOptions = {}) {
    super();
    const { clock = systemClock, cost = linkCostUs, epoch = Math.floor(clock.nowMs()) } = options;
    assertPeerId(localPeerId);
    this.#self = localPeerId;
    this.#writer = new AdvertWriter(localPeerId, epoch);
    this.#database = new LinkStateDatabase(clock);
    this.#links = new LocalLinks(cost);
  }

  /** Rises with every change that routes, figures or the drawing could show. */
  get version(): number {
    this.#expire();
    return this.#version;
  }

  /** Notes a peer, or replaces what was noted of it. @throws ValidationError; OverloadedError beyond 16,384. */
  addPeer(peer: PeerInfo): void {
    const info = readPeerInfo(peer);
    this.#assertOther(info.peerId);
    const known = this.#added.get(info.peerId);
    if (known && samePeerInfo(known, info)) return;
    if (!known && this.#added.size >= MAX_ORIGINS) {
      throw new OverloadedError(`${MAX_ORIGINS} peers were added already`);
    }
    this.#added.set(info.peerId, info);
    this.#changed("peer");
  }

  /**
   * Forgets a peer: what was added, the link to it and its advert. A newer advert makes it known again.
   *
   * @returns whether anything was known.
   */
  removePeer(peerId: string): boolean {
    const added = this.#added.delete(peerId);
    const linked = this.#links.drop(peerId);
    const advertised = this.#database.forget(peerId);
    if (linked) this.#changed("link");
    else if (added || advertised) this.#changed("peer");
    return added || linked || advertised;
  }

  /**
   * Notes that there is a link to `peerId`, and what was measured on it; what is left out keeps its last value. Its
   * cost changes only when it moves by more than 10 % and 1 ms.
   *
   * @throws ValidationError; OverloadedError beyond 1,024 links.
   */
  observeLink(peerId: string, metrics: LinkMetrics): void {
    this.#assertOther(peerId);
    if (this.#links.observe(peerId, metrics)) this.#changed("link");
  }

  /** Notes that there is no link to `peerId` any more; says whether there was one. */
  dropLink(peerId: string): boolean {
    const dropped = this.#links.drop(peerId);
    if (dropped) this.#changed("link");
    return dropped;
  }

  /**
   * This node's next advert, for every other node: send it when a `link` changed, and every 30 s. What is left out of
   * the description stays as it was.
   *
   * @throws ValidationError
   */
  localAdvert(description: LocalDescription = {}): LinkStateAdvert {
    return this.#writer.next(description, this.#links.advertised());
  }

  /**
   * Takes another node's advert as it came from outside; pass on only what was `applied`. Why one was rejected, the
   * event `advert:rejected` says: it is malformed or too large, claims to be from this node, differs from one with
   * the same epoch and seq, or is one origin too many. An advert counts for 90 s.
   */
  applyAdvert(advert: unknown): AdvertOutcome {
    this.#expire();
    const result = this.#tryAdvert(advert);
    if (typeof result === "object") {
      this.emit("advert:rejected", { error: result });
      return "rejected";
    }
    if (result === "changed") this.#changed("advert");
    return result === "stale" ? "stale" : "applied";
  }

  /**
   * The cheapest route, of one node for itself too; ties always break the same way. undefined if there is none, or
   * nobody of that name.
   */
  findRoute(destination: string): Route | undefined {
    return this.#current().route(destination);
  }

  /** All other nodes that are known, ordered by id. */
  peers(): KnownPeer[] {
    const [, ...others] = this.#current().ids;
    return others.sort().map((peerId) => this.#describe(peerId));
  }

  /** What is known of one other node. */
  peer(peerId: string): KnownPeer | undefined {
    const known = peerId !== this.#self && this.#current().has(peerId);
    return known ? this.#describe(peerId) : undefined;
  }

  getNetworkStats(): NetworkStats {
    return this.#current().stats();
  }

  /** Nodes and links, ready to draw. */
  getTopologyGraph(): TopologyGraph {
    const nodes = [selfNode(this.#self, this.#writer.description), ...this.peers().map(peerNode)];
    return { nodes, edges: this.#current().edges() };
  }

  #tryAdvert(value: unknown): AdvertChange | NetworkError {
    try {
      const advert = parseAdvert(value);
      this.#assertOther(advert.origin);
      return this.#database.apply(advert);
    } catch (error) {
      if (NetworkError.is(error)) return error;
      throw error;
    }
  }

  #assertOther(peerId: string): void {
    assertPeerId(peerId);
    if (peerId === this.#self) {
      throw new ValidationError(`${peerId} is this node itself; it must be another peer`);
    }
  }

  #changed(change: TopologyChange): void {
    this.#version += 1;
    this.#view = undefined;
    this.emit("topology:updated", { version: this.#version, change });
  }

  #expire(): void {
    if (this.#database.expire()) this.#changed("expiry");
  }

  #current(): NetworkView {
    this.#expire();
    this.#view ??= new NetworkView(this.#version, this.#linkTable());
    return this.#view;
  }

  /** Later entries replace earlier ones: an advert outranks the assumption that a neighbour has our link too. */
  #linkTable(): LinkTable {
    const own = this.#links.arcs();
    const table = new Map([[this.#self, own]]);
    for (const peerId of this.#added.keys()) table.set(peerId, noLinks);
    for (const [peerId, arc] of own) table.set(peerId, new Map([[this.#self, arc]]));
    for (const [origin, links] of this.#database.links()) table.set(origin, links);
    return table;
  }

  #describe(peerId: string): KnownPeer {
    return knownPeer(peerId, {
      added: this.#added.get(peerId),
      advert: this.#database.get(peerId),
      link: this.#links.get(peerId),
      reach: this.#current().reach(peerId),
    });
  }
}
