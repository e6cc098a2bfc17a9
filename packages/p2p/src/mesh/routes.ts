import { NetworkError } from "@net/core";
import type { NetworkTopology, Route } from "@net/routing";
import { MAX_HOPS, type Path } from "../wire/routed.ts";

/** How a peer is reached. */
export interface Reach {
  readonly hops: number;
  readonly pathCostUs: number;
}

/** How many ways to a peer are tried, one after the other. */
const MAX_TRIED = 3;

/** Finds the way to a peer: one that frames can go. */
export class Routes {
  readonly #topology: NetworkTopology;
  /** Per peer, as of a version of the topology: whether a way through relays is cheaper than the link to it. */
  readonly #better = new Map<string, boolean>();
  /** The same for ways that are not the cheapest, since that is too long. */
  readonly #short = new Map<string, Route | undefined>();
  #version = -1;

  constructor(topology: NetworkTopology) {
    this.#topology = topology;
  }

  /** Whether a way through relays is cheaper than the link to a neighbour, which may not have told others of it yet. */
  isBetterThanLink(peerId: string): boolean {
    this.#refresh();
    const known = this.#better.get(peerId);
    if (known !== undefined) return known;
    const isBetter = this.#isDetourCheaper(peerId);
    this.#better.set(peerId, isBetter);
    return isBetter;
  }

  /** The way to a peer of which the cheapest way has so many links; undefined if there is none that is short enough. */
  reach(peerId: string, { hops, pathCostUs }: Partial<Reach>): Reach | undefined {
    if (hops === undefined || pathCostUs === undefined) return undefined;
    if (hops <= MAX_HOPS) return { hops, pathCostUs };
    const route = this.#shortRoute(peerId);
    return route && { hops: route.hops, pathCostUs: route.costUs };
  }

  /** Ways through relays to a peer, the cheapest one first. @throws NetworkError `NO_ROUTE` */
  *to(peerId: string): Generator<Path, void, undefined> {
    const first = this.#topology.findRoute(peerId, { maxHops: MAX_HOPS });
    if (!first) throw noRoute(peerId, this.#missing(peerId));
    if (first.hops > 1) yield first.path;
    for (const { path, hops } of this.#topology.kShortestPaths(peerId, MAX_TRIED)) {
      const isOther = path.join("\n") !== first.path.join("\n");
      if (hops > 1 && hops <= MAX_HOPS && isOther) yield path;
    }
  }

  #refresh(): void {
    const { version } = this.#topology;
    if (version === this.#version) return;
    this.#version = version;
    this.#better.clear();
    this.#short.clear();
  }

  #shortRoute(peerId: string): Route | undefined {
    this.#refresh();
    if (this.#short.has(peerId)) return this.#short.get(peerId);
    const route = this.#topology.findRoute(peerId, { maxHops: MAX_HOPS });
    this.#short.set(peerId, route);
    return route;
  }

  #isDetourCheaper(peerId: string): boolean {
    const route = this.#topology.findRoute(peerId, { maxHops: MAX_HOPS });
    if (!route || route.hops <= 1) return false;
    return route.costUs < (this.#topology.peer(peerId)?.link?.costUs ?? 0);
  }

  #missing(peerId: string): string {
    const peer = this.#topology.peer(peerId);
    if (!peer) return "no way to it";
    if (!peer.reachable) return "no way to it through peers that relay";
    return `no way to it of at most ${MAX_HOPS} links`;
  }
}

export function noRoute(peerId: string, why: string): NetworkError {
  return new NetworkError("NO_ROUTE", `cannot reach ${peerId}: there is ${why}`, {
    details: { peerId },
  });
}
