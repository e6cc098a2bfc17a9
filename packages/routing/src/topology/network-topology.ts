import {
  assertPositive,
  type EventListener,
  EventPublisher,
  type NetworkError,
  OverloadedError,
  systemClock,
  ValidationError,
} from "@net/core";
import { type Resilience, resilienceOf } from "../analysis/resilience.ts";
import { type NetworkStats, reachableIds } from "../analysis/stats.ts";
import { linkCostUs } from "../cost.ts";
import type { LinkMetrics } from "../link-metrics.ts";
import type { AdvertLink, LinkStateAdvert } from "../link-state/advert.ts";
import { AdvertIntake } from "../link-state/advert-intake.ts";
import type { DatabaseDigest, DigestDifference } from "../link-state/digest.ts";
import { Resync, type Resynchronisation } from "../link-state/resync.ts";
import { compareNames } from "../names.ts";
import { type DiscoverOptions, type DiscoverySource, searchPeers } from "./discovery.ts";
import { Figures } from "./figures.ts";
import { Knowledge } from "./knowledge.ts";
import { AdvertWriter, type LocalDescription } from "./local-advert.ts";
import { PartitionWatch } from "./partition-watch.ts";
import { assertPeerId, type KnownPeer, type PeerInfo, readPeerInfo } from "./peer.ts";
import type { Route, RouteOptions } from "./routes.ts";
import type { TopologyChange, TopologyEvents } from "./topology-events.ts";
import { edgesOf, peerNode, selfNode, type TopologyGraph, toDot } from "./topology-graph.ts";
import type { TopologyOptions } from "./topology-options.ts";
import { watchedGraph } from "./watched.ts";

/** What became of an advert: `stale` was known already or outdated, `rejected` was wrong. */
export type AdvertOutcome = "applied" | "stale" | "rejected";

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
export class NetworkTopology extends EventPublisher<TopologyEvents> implements AsyncDisposable {
  readonly #self: string;
  readonly #discovery: DiscoverySource | undefined;
  readonly #knowledge: Knowledge;
  readonly #writer: AdvertWriter;
  readonly #intake: AdvertIntake;
  readonly #watch: PartitionWatch;
  readonly #resync: Resync;
  readonly #figures: Figures;
  #version = 0;

  /**
   * @param localPeerId the node whose view it is.
   * @throws ValidationError
   */
  constructor(localPeerId: string, options: TopologyOptions = {}) {
    super();
    const { clock = systemClock, cost = linkCostUs, verify, sign } = options;
    const { epoch = Math.max(0, Math.floor(clock.nowMs())), discovery } = options;
    assertPeerId(localPeerId);
    this.#self = localPeerId;
    this.#discovery = discovery;
    this.#knowledge = new Knowledge(localPeerId, clock, cost);
    this.#writer = new AdvertWriter(localPeerId, epoch, sign);
    const { database } = this.#knowledge;
    const ownVersion = () => this.#writer.version;
    this.#intake = new AdvertIntake({ self: localPeerId, clock, database, verify, ownVersion });
    this.#watch = new PartitionWatch(
      clock,
      watchedGraph(this.#knowledge.routes.links),
      this.events,
    );
    const own = () => this.#writer.last;
    this.#resync = new Resync({ self: localPeerId, database, own, ownVersion });
    this.#figures = new Figures(this.#knowledge.routes.links);
  }

  /** Listens until the result is called. Risks and splits that nobody has heard of yet are told a moment later. */
  override on<Name extends keyof TopologyEvents>(
    name: Name,
    listener: EventListener<TopologyEvents[Name]>,
  ): () => void {
    const off = super.on(name, listener);
    this.#watch.changed();
    return off;
  }

  /** The next event's arguments; as {@link NetworkTopology.on} otherwise. @throws AbortedError when the signal aborts. */
  override once<Name extends keyof TopologyEvents>(
    name: Name,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<TopologyEvents[Name]> {
    const next = super.once(name, options);
    this.#watch.changed();
    return next;
  }

  /** Rises with every change that routes, figures or the drawing could show. */
  get version(): number {
    this.#expire();
    return this.#version;
  }

  /**
   * Searches for peers with the `discovery` of the options, and notes each. An endless search ends with the signal.
   *
   * @returns those it found, and all others that can be reached, ordered by id.
   * @throws AbortedError; whatever the source throws. Peers found until then stay known.
   */
  async discoverPeers(options: DiscoverOptions = {}): Promise<readonly KnownPeer[]> {
    const found = new Set<string>();
    const onFound = (peer: PeerInfo): void => {
      const info = readPeerInfo(peer);
      if (info.peerId === this.#self) return;
      this.addPeer(info);
      found.add(info.peerId);
    };
    const onRejected = (error: NetworkError): void => this.emit("discovery:rejected", { error });
    await searchPeers(this.#discovery ?? noPeers(), options, { onFound, onRejected });
    return this.peers().filter(({ peerId, reachable }) => reachable || found.has(peerId));
  }

  /** Notes a peer, or replaces what was noted of it. @throws ValidationError; OverloadedError beyond 16,384. */
  addPeer(peer: PeerInfo): void {
    const info = readPeerInfo(peer);
    this.#assertOther(info.peerId);
    if (this.#knowledge.add(info)) this.#changed("peer");
  }

  /**
   * Forgets a peer: what was added, the link to it and its advert. A newer advert makes it known again.
   *
   * @returns whether anything was known.
   */
  removePeer(peerId: string): boolean {
    if (peerId === this.#self) return false;
    const { linked, known } = this.#knowledge.forget(peerId);
    this.#watch.forget(peerId);
    if (known) this.#changed(linked ? "link" : "peer");
    return known;
  }

  /**
   * Notes that there is a link to `peerId`, and what was measured on it; what is left out keeps its last value. Its
   * cost changes only when it moves by more than 10 % and 1 ms.
   *
   * @throws ValidationError; OverloadedError beyond 1,024 links.
   */
  observeLink(peerId: string, metrics: LinkMetrics): void {
    this.#assertOther(peerId);
    if (this.#knowledge.observe(peerId, metrics)) this.#changed("link");
  }

  /** Notes that there is no link to `peerId` any more; says whether there was one. Routes over it are given up at once. */
  dropLink(peerId: string): boolean {
    const dropped = this.#knowledge.drop(peerId);
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
    const advert = this.#writer.next(description, this.#knowledge.links.advertised());
    if (this.#knowledge.setRelay(advert.relay)) this.#changed("peer");
    return advert;
  }

  /** This node's links, as its next advert will tell them. */
  ownLinks(): readonly AdvertLink[] {
    return this.#knowledge.links.advertised();
  }

  /** The advert that takes this node out of the network at once: send it before leaving. */
  withdraw(): LinkStateAdvert {
    return this.#writer.withdrawal();
  }

  /**
   * Takes another node's advert as it came from outside; pass on only what was `applied`. Why one was rejected, the
   * event `advert:rejected` says: it is malformed or too large, not signed, newer than this node's own but in its name, differs
   * from one with the same epoch and seq, or is one origin too many. An advert counts for 90 s, or less if it says so.
   */
  applyAdvert(advert: unknown): AdvertOutcome {
    this.#expire();
    const intake = this.#intake.judge(advert);
    if (intake.kind === "stale") return "stale";
    const error =
      intake.kind === "rejected" ? intake.error : this.#take(intake.kind, intake.advert);
    if (typeof error === "string") return error;
    this.emit("advert:rejected", { error });
    return "rejected";
  }

  /** What this node holds of others' adverts, in about a kilobyte: to be sent to a new neighbour. */
  digest(): DatabaseDigest {
    this.#expire();
    return this.#resync.digest();
  }

  /**
   * Takes a neighbour's digest; the answer, what this node holds where the two differ, is to be sent back. Undefined if nothing
   * differs.
   *
   * @throws ValidationError if it is malformed.
   */
  compareDigest(digest: unknown): DigestDifference | undefined {
    this.#expire();
    return this.#resync.compare(digest);
  }

  /**
   * Takes the answer to this node's digest: says which adverts to send to that neighbour, and for which to ask it.
   *
   * @throws ValidationError if it is malformed.
   */
  resynchronise(difference: unknown): Resynchronisation {
    this.#expire();
    return this.#resync.reconcile(difference);
  }

  /** The adverts that a neighbour asked for, as far as they are known, each with its age. @throws ValidationError */
  advertsOf(origins: unknown): readonly LinkStateAdvert[] {
    this.#expire();
    return this.#resync.advertsOf(origins);
  }

  /**
   * The route to take, of one node for itself too; undefined if there is none, or nobody of that name. It is the cheapest one;
   * ties always break the same way. Only while costs have just changed, the route given last may stay, until another is
   * cheaper now and with peaks smoothed away (half-life 4 s); one that has lost a link is given up at once.
   *
   * With `avoid` or `disjointFrom` it is the cheapest that shares none of it. A route disjoint from the cheapest may not exist
   * though two disjoint ones do: see {@link NetworkTopology.findDisjointRoutes}.
   *
   * With `maxHops`, and if the cheapest has more links, it is the cheapest that has not.
   *
   * @throws ValidationError if `avoid`, `disjointFrom` or `maxHops` is none.
   */
  findRoute(destination: string, options: RouteOptions = {}): Route | undefined {
    const version = this.version;
    const { routes } = this.#knowledge;
    const { avoid, disjointFrom, maxHops } = options;
    if (maxHops !== undefined && !(assertPositive(maxHops, "maxHops") >= 1)) {
      throw new ValidationError(`maxHops must be 1 or more, not ${maxHops}`);
    }
    if (avoid || disjointFrom) return routes.around(destination, options, version);
    return maxHops === undefined
      ? routes.to(destination, version)
      : routes.within(destination, maxHops, version);
  }

  /**
   * Two routes that share no relay and no link, cheapest together, the cheaper one first. That one may cost more than
   * `findRoute` gives: the cheapest route can be in the way of all others.
   */
  findDisjointRoutes(destination: string): readonly [Route, Route] | undefined {
    return this.#knowledge.routes.pair(destination, this.version);
  }

  /**
   * The `k` cheapest routes that visit no node twice, cheapest first; fewer where there are no more.
   *
   * @throws ValidationError unless `k` is a whole number from 1 to 1,000.
   */
  kShortestPaths(destination: string, k: number): readonly Route[] {
    return this.#knowledge.routes.shortest(destination, k, this.version);
  }

  /** All other nodes that are known, ordered by id. */
  peers(): KnownPeer[] {
    this.#expire();
    const others = [...this.#knowledge.ids].filter((id) => id !== this.#self);
    return others.sort(compareNames).map((peerId) => this.#knowledge.describe(peerId));
  }

  /** What is known of one other node. */
  peer(peerId: string): KnownPeer | undefined {
    this.#expire();
    const isKnown = peerId !== this.#self && this.#knowledge.routes.links.has(peerId);
    return isKnown ? this.#knowledge.describe(peerId) : undefined;
  }

  /** What the cheapest route to another node costs; undefined while there is none. Cheaper than `peer`. */
  pathCostUs(peerId: string): number | undefined {
    this.#expire();
    return peerId === this.#self ? undefined : this.#knowledge.routes.reach(peerId)?.pathCostUs;
  }

  /** The ids of all nodes that can be reached now, this one included, in a set of the caller's own. Cheaper than `peers`. */
  reachable(): Set<string> {
    this.#expire();
    const { graph, self } = this.#knowledge.routes.links;
    return reachableIds(graph, self);
  }

  getNetworkStats(): NetworkStats {
    return this.#figures.read(this.version);
  }

  /** How well the network withstands failures, and the one new link that would help most. */
  resilience(): Resilience {
    this.#expire();
    const { graph, self } = this.#knowledge.routes.links;
    return resilienceOf(graph, self);
  }

  /** Nodes and links, ready to draw. */
  getTopologyGraph(): TopologyGraph {
    const nodes = [selfNode(this.#self, this.#writer.description), ...this.peers().map(peerNode)];
    return { nodes, edges: edgesOf(this.#knowledge.routes.links) };
  }

  /** The drawing in Graphviz's language. */
  toDot(): string {
    return toDot(this.getTopologyGraph());
  }

  /** Tells of no more partitions. All else goes on working; closing twice is fine. */
  close(): void {
    this.#watch.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #take(kind: "news" | "own", advert: LinkStateAdvert): AdvertOutcome | NetworkError {
    if (kind === "own") {
      this.#writer.outrank(advert);
      return new ValidationError(`an advert in the name of ${this.#self} is newer than its own`);
    }
    try {
      const change = this.#knowledge.apply(advert);
      if (change === "withdrawn") this.#watch.forget(advert.origin);
      if (change === "withdrawn" || change === "changed") this.#changed("advert");
      return change === "stale" ? "stale" : "applied";
    } catch (error) {
      if (OverloadedError.is(error)) return error;
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
    this.#watch.changed();
    this.emit("topology:updated", { version: this.#version, change });
  }

  #expire(): void {
    if (this.#knowledge.expire()) this.#changed("expiry");
  }
}

/** Where nothing is found. */
async function* noPeers(): AsyncGenerator<PeerInfo> {}
