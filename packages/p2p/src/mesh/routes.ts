import { NetworkError } from "@net/core";
import type { NetworkTopology } from "@net/routing";
import { MAX_HOPS, type Path } from "../wire/routed.ts";

/** How many ways to a peer are tried, one after the other. */
const MAX_TRIED = 3;

/** Whether frames can go a way: there is one, and it is not too long. */
export function isPassable(hops: number | undefined): boolean {
  return hops !== undefined && hops <= MAX_HOPS;
}

/** Finds the way to a peer. */
export class Routes {
  readonly #topology: NetworkTopology;
  /** Per peer, as of a version of the topology: whether a way through relays is cheaper than the link to it. */
  readonly #better = new Map<string, boolean>();
  #version = -1;

  constructor(topology: NetworkTopology) {
    this.#topology = topology;
  }

  /** Whether a way through relays is cheaper than the link to a neighbour, which may not have told others of it yet. */
  isBetterThanLink(peerId: string): boolean {
    const { version } = this.#topology;
    if (version !== this.#version) this.#better.clear();
    this.#version = version;
    const known = this.#better.get(peerId);
    if (known !== undefined) return known;
    const isBetter = this.#isDetourCheaper(peerId);
    this.#better.set(peerId, isBetter);
    return isBetter;
  }

  /** Ways through relays to a peer, the cheapest one first. @throws NetworkError `NO_ROUTE` */
  *to(peerId: string): Generator<Path, void, undefined> {
    const first = this.#topology.findRoute(peerId);
    if (!first || !isPassable(first.hops)) throw noRoute(peerId, this.#missing(peerId));
    if (first.hops > 1) yield first.path;
    for (const { path, hops } of this.#topology.kShortestPaths(peerId, MAX_TRIED)) {
      const isOther = path.join("\n") !== first.path.join("\n");
      if (hops > 1 && isPassable(hops) && isOther) yield path;
    }
  }

  #isDetourCheaper(peerId: string): boolean {
    const route = this.#topology.findRoute(peerId);
    if (!route || route.hops <= 1 || !isPassable(route.hops)) return false;
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
