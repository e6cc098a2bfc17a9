/**
 * `@net/routing`: the network as a graph of measured links, the cheapest routes through it, and the choice of a peer
 * for a tool. Pure: no I/O; time and randomness are handed in.
 *
 * @module
 */

// What is known of how well the network hangs together
export type { PartitionRisk, PeerPair, Resilience } from "./analysis/resilience.ts";
export type { NetworkStats } from "./analysis/stats.ts";
// What a link costs
export { type CostFunction, linkCostUs, MAX_COST_US } from "./cost.ts";
export type { LinkMetrics } from "./link-metrics.ts";
// What a node tells the others
export {
  ADVERT_LIFETIME,
  ADVERT_REFRESH,
  type AdvertLink,
  type LinkStateAdvert,
  MAX_LINKS,
} from "./link-state/advert.ts";
export type { VerifyAdvert } from "./link-state/advert-intake.ts";
export { canonicalBytes } from "./link-state/canonical-advert.ts";
export { MAX_ORIGINS } from "./link-state/database.ts";
export type { AdvertSummary, DatabaseDigest, DigestDifference } from "./link-state/digest.ts";
export { parseAdvert } from "./link-state/parse-advert.ts";
export type { Resynchronisation } from "./link-state/resync.ts";
// Which peer runs a tool
export { CallLatency, FAILURE_PENALTY, type TimedCall } from "./tools/call-latency.ts";
export type { PeerQuality } from "./tools/peer-quality.ts";
export {
  fastest,
  leastLoaded,
  localFirst,
  powerOfTwo,
  roundRobin,
  type ScoredCandidate,
  type StrategyContext,
  type ToolStrategy,
  type ToolStrategyName,
} from "./tools/strategies.ts";
export type { PermitTool, ToolCandidate, ToolRequirements } from "./tools/tool-candidate.ts";
export { type ToolChoiceOptions, ToolRouter, type ToolRouterOptions } from "./tools/tool-router.ts";
// The network
export type { DiscoverOptions, DiscoverySource } from "./topology/discovery.ts";
export type { LocalDescription, SignAdvert } from "./topology/local-advert.ts";
export type { LocalLink } from "./topology/local-links.ts";
export { type AdvertOutcome, NetworkTopology } from "./topology/network-topology.ts";
export type { KnownPeer, PeerInfo } from "./topology/peer.ts";
export type { Route, RouteOptions } from "./topology/routes.ts";
export type {
  AdvertRejection,
  PartitionDetected,
  PartitionHealed,
  TopologyChange,
  TopologyEvents,
  TopologyUpdate,
} from "./topology/topology-events.ts";
export type { TopologyEdge, TopologyGraph, TopologyNode } from "./topology/topology-graph.ts";
export type { TopologyOptions } from "./topology/topology-options.ts";
