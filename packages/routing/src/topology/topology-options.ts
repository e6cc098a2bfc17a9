import type { Clock } from "@net/core";
import type { CostFunction } from "../cost.ts";
import type { VerifyAdvert } from "../link-state/advert-intake.ts";
import type { DiscoverySource } from "./discovery.ts";
import type { SignAdvert } from "./local-advert.ts";

export interface TopologyOptions {
  readonly clock?: Clock;
  /** What crossing a link costs. Default {@link linkCostUs}. */
  readonly cost?: CostFunction;
  /**
   * Which start of this node it is: higher than any before, or others take its adverts for old ones. Default: the
   * clock's time.
   */
  readonly epoch?: number;
  /** Where `discoverPeers` looks. Default: nowhere. */
  readonly discovery?: DiscoverySource;
  /** Signs this node's adverts. Default: they carry no signature. */
  readonly sign?: SignAdvert;
  /** Says whether an advert is its origin's. Default: all are believed. */
  readonly verify?: VerifyAdvert;
}
