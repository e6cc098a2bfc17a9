import { NetworkError } from "@net/core";
import { MAX_COST_US, type NetworkTopology, type Route } from "@net/routing";
import type { LinkTable } from "../links/link-table.ts";
import { MAX_HOPS, type Path } from "../wire/envelope.ts";

// A peer that does not relay advertises its links at the highest cost there is, as an OSPF stub router does (RFC 6987,
// "OSPF Stub Router Advertisement"): it is reached at the cost its neighbours advertise, but no way through it is
// cheaper than MAX_COST_US, and none that goes through relays only is that dear (it would take over an hour).

/** Whether a way of that cost goes through relays only. */
export function isRelayed(costUs: number | undefined): costUs is number {
  return costUs !== undefined && costUs < MAX_COST_US;
}

/** Whether frames can go a way of that cost and length. */
export function isPassable(costUs: number | undefined, hops = 0): boolean {
  return isRelayed(costUs) && hops <= MAX_HOPS;
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
    if (route && isPassable(route.costUs, route.hops)) return route.path;
    // The link may be so new that the topology does not know it from both ends yet.
    if (this.#links.has(peerId)) return [this.#self, peerId];
    throw noRoute(peerId, missing(route));
  }
}

function missing(route: Route | undefined): string {
  if (!route) return "no way to it";
  if (!isRelayed(route.costUs)) return "no way to it through peers that relay";
  return `no way to it of at most ${MAX_HOPS} links`;
}

export function noRoute(peerId: string, why: string): NetworkError {
  return new NetworkError("NO_ROUTE", `cannot reach ${peerId}: there is ${why}`, {
    details: { peerId },
  });
}
