import {
  type PartitionRisk,
  type PeerPair,
  partitionRisks,
  resilienceOf,
} from "../analysis/resilience.ts";
import { reachableIds } from "../analysis/stats.ts";
import type { LinkGraph } from "./link-graph.ts";

/** What a watch over partitions asks of the network. */
export interface Watched {
  /** Rises when nodes or links come or go. */
  structure(): number;
  /** All that can be reached, this node included. */
  reachable(): ReadonlySet<string>;
  risks(): readonly PartitionRisk[];
  suggestedLink(): PeerPair | undefined;
}

/** The answers of a graph, seen from its own node. */
export function watchedGraph(links: LinkGraph): Watched {
  const { graph, self } = links;
  return {
    structure: () => links.structure,
    reachable: () => reachableIds(graph, self),
    risks: () => partitionRisks(graph, self),
    suggestedLink: () => resilienceOf(graph, self).suggestedLink,
  };
}
