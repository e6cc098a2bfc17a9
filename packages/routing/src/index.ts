/**
 * `@net/routing`: the network as a graph of measured links, the cheapest routes through it, and the choice of a peer
 * for a tool. Pure: no I/O, no timers; time and randomness are handed in.
 *
 * @module
 */

// What a node tells the others
export { type AdvertLink, type LinkStateAdvert, MAX_LINKS, parseAdvert } from "./advert.ts";
// What a link costs
export { type CostFunction, linkCostUs, MAX_COST_US } from "./cost.ts";
export type { LinkMetrics } from "./link-metrics.ts";
export { ADVERT_LIFETIME, MAX_ORIGINS } from "./link-state.ts";
export type { LocalDescription } from "./local-advert.ts";
export type { LocalLink } from "./local-links.ts";
// What is known of the network
export type { Route } from "./network-view.ts";
export type { KnownPeer, PeerInfo } from "./peer.ts";
export type { NetworkStats } from "./stats.ts";
// Which peer runs a tool
export {
  type PeerQuality,
  type ToolCandidate,
  type ToolChoiceOptions,
  ToolRouter,
  type ToolRouterOptions,
} from "./tool-router.ts";
export {
  type AdvertOutcome,
  NetworkTopology,
  type TopologyOptions,
} from "./topology.ts";
export type {
  AdvertRejection,
  TopologyChange,
  TopologyEvents,
  TopologyUpdate,
} from "./topology-events.ts";
export type { TopologyEdge, TopologyGraph, TopologyNode } from "./topology-graph.ts";
