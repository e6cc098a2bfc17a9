import type { Graph } from "../graph/graph.ts";
import { reachableFrom } from "./breadth-first.ts";
import { countLinkedParts } from "./components.ts";
import { diameterOf } from "./diameter.ts";
import { countHops } from "./hop-counts.ts";

/**
 * The whole network in figures, as far as this node knows it. Hops are counted along the paths with fewest hops,
 * not the cheapest ones.
 */
export interface NetworkStats {
  /** All known nodes, this one included, reachable or not. */
  readonly totalNodes: number;
  /** Neighbours over links that both ends have. */
  readonly directConnections: number;
  /** Nodes that only relays reach. */
  readonly indirectConnections: number;
  /** Mean over all pairs of different nodes in scope between which there is a way; 0 for a single node. */
  readonly averageHopCount: number;
  /** Mean measured round trip of the links in scope, in ms; 0 if none was measured. */
  readonly averageLatency: number;
  /** The most hops between two nodes in scope. */
  readonly networkDiameter: number;
  /** Into how many parts the known nodes fall that no link joins, whether or not their nodes relay: 1 is a whole network. */
  readonly partitions: number;
  /**
   * What the averages and the diameter are about: the `network`, or, while this node cannot reach all of it, the `component`
   * that it can.
   */
  readonly scope: "network" | "component";
  /**
   * False where the network is so large that the average is an estimate from a sample, and the diameter, unless its search
   * came to an end, a lower bound.
   */
  readonly exact: boolean;
}

/** Up to so many nodes all ways are counted: some 100 ms at most, for 8 links each. */
const MAX_EXACT = 2_048;
/** From so many nodes hops are counted in larger networks. */
const SAMPLE = 128;

/** What follows from which links there are, and not from what they cost. */
export type StructureFigures = Omit<NetworkStats, "averageLatency">;

/** @param self the node whose view it is. */
export function structureFigures(graph: Graph, self: number): StructureFigures {
  const component = reachableFrom(graph, self);
  const totalNodes = graph.nodes.size;
  const directConnections = graph.degrees[self] as number;
  return {
    totalNodes,
    directConnections,
    indirectConnections: component.length - 1 - directConnections,
    ...(component.length <= MAX_EXACT ? countAll(graph, component) : estimate(graph, component)),
    partitions: countLinkedParts(graph),
    scope: component.length === totalNodes ? "network" : "component",
  };
}

type HopFigures = Pick<NetworkStats, "averageHopCount" | "networkDiameter" | "exact">;

function countAll(graph: Graph, component: Uint32Array): HopFigures {
  const { hops, pairs, most } = countHops(graph, component);
  return { averageHopCount: pairs === 0 ? 0 : hops / pairs, networkDiameter: most, exact: true };
}

function estimate(graph: Graph, component: Uint32Array): HopFigures {
  const { hops, pairs, most } = countHops(graph, sampleOf(component), component);
  const diameter = diameterOf(graph, component);
  return {
    averageHopCount: hops / pairs,
    networkDiameter: Math.max(most, diameter.hops),
    exact: false,
  };
}

/** Evenly spread over the component, which is ordered by distance: near and far nodes alike. */
function sampleOf(component: Uint32Array): Uint32Array {
  const stride = component.length / SAMPLE;
  return Uint32Array.from(
    { length: SAMPLE },
    (_, n) => component[Math.floor(n * stride)] as number,
  );
}

/** A set of the ids that a node can reach, itself included. */
export function reachableIds(graph: Graph, self: number): Set<string> {
  return new Set(Array.from(reachableFrom(graph, self), (node) => graph.ids[node] as string));
}
