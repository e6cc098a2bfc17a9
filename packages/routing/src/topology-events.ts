import type { NetworkError } from "@net/core";

/**
 * What changed: a `link` of this node (time to send a new advert), a `peer` that was added or removed, another
 * node's `advert`, or the `expiry` of one.
 */
export type TopologyChange = "link" | "peer" | "advert" | "expiry";

export interface TopologyUpdate {
  /** The topology's new version. */
  readonly version: number;
  readonly change: TopologyChange;
}

export interface AdvertRejection {
  /** What was wrong with it. */
  readonly error: NetworkError;
}

/** What a topology tells while it lives. */
export interface TopologyEvents {
  "topology:updated": readonly [update: TopologyUpdate];
  "advert:rejected": readonly [rejection: AdvertRejection];
}
