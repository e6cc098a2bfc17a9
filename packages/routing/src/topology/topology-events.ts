import type { NetworkError } from "@net/core";
import type { PartitionRisk, PeerPair } from "../analysis/resilience.ts";

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

/** Peers that could be reached cannot be any more, and have not said goodbye: cut off, or dead. */
export interface PartitionDetected {
  /** Ordered by id. */
  readonly lost: readonly string[];
  /** How many nodes are left together, this one included. */
  readonly reachable: number;
  /** The link that would bring most of them back; undefined if none of them is known any more. */
  readonly suggestedLink: PeerPair | undefined;
}

/** Peers that were lost can be reached again. */
export interface PartitionHealed {
  /** Ordered by id. */
  readonly healed: readonly string[];
  /** Those that are still lost, ordered by id. */
  readonly lost: readonly string[];
}

/** What a topology tells while it lives. */
export interface TopologyEvents {
  "topology:updated": readonly [update: TopologyUpdate];
  "advert:rejected": readonly [rejection: AdvertRejection];
  /** A peer that `discovery` found is not one that can be added. */
  "discovery:rejected": readonly [rejection: AdvertRejection];
  /** A single failure could now cut peers off that it could not before. */
  "partition:risk": readonly [risk: PartitionRisk];
  "partition:detected": readonly [partition: PartitionDetected];
  "partition:healed": readonly [partition: PartitionHealed];
}
