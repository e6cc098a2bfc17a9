import { NetworkError } from "@net/core";
import type { NetworkTopology } from "@net/routing";
import type { LinkTable } from "../links/link-table.ts";
import { MAX_HOPS, type Path } from "../wire/envelope.ts";

/** Whether frames can go a way: there is one, and it is not too long. */
export function isPassable(hops: number | undefined): boolean {
  return hops !== undefined && hops <= MAX_HOPS;
}

/** Finds the way to a peer. */
export class Routes {
  readonly #self: string;
  readonly #topology: NetworkTopology;
  readonly #links: LinkTable;

  constructor(self: string, topology: NetworkTopology, links: LinkTable) {
    this.#self = self;
    this.#topology = topology;
    this.#links = links;
  }

  /** @throws NetworkError `NO_ROUTE` */
  to(peerId: string): Path {
    const route = this.#topology.findRoute(peerId);
    if (route && isPassable(route.hops)) return route.path;
    // The link may be so new that the topology does not know it from both ends yet.
    if (this.#links.has(peerId)) return [this.#self, peerId];
    throw noRoute(peerId, this.#missing(peerId));
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
