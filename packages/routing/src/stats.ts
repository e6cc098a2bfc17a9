import { breadthFirst, searchSpace } from "./breadth-first.ts";
import type { Graph } from "./graph.ts";

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
  /** Mean over all pairs of different nodes in scope; 0 for a single node. */
  readonly averageHopCount: number;
  /** Mean measured round trip of the links in scope, in ms; 0 if none was measured. */
  readonly averageLatency: number;
  /** The most hops between two nodes in scope. */
  readonly networkDiameter: number;
  /** Into how many parts without a way between them the known nodes fall: 1 is a whole network. */
  readonly partitions: number;
  /**
   * What the averages and the diameter are about: the `network`, or, while it is split, the `component` that this
   * node can reach.
   */
  readonly scope: "network" | "component";
  /** False where a network so large was sampled: the average is an estimate, the diameter a lower bound. */
  readonly exact: boolean;
}

/** Arcs and nodes visited before sampling begins: some tens of ms, enough for 1,000 nodes with 8 links each. */
const MAX_STEPS = 2 ** 24;

/** @param self the node whose view it is. */
export function networkStats(graph: Graph, self: number): NetworkStats {
  const component = componentOf(graph, self);
  const partitions = countPartitions(graph);
  const directConnections = (graph.offsets[self + 1] as number) - (graph.offsets[self] as number);
  return {
    totalNodes: graph.ids.length,
    directConnections,
    indirectConnections: component.length - 1 - directConnections,
    ...hopFigures(graph, component),
    averageLatency: averageLatency(graph, component),
    partitions,
    scope: partitions === 1 ? "network" : "component",
  };
}

function componentOf(graph: Graph, node: number): Uint32Array {
  const space = searchSpace(graph);
  return space.order.slice(0, breadthFirst(graph, node, space));
}

function countPartitions(graph: Graph): number {
  const space = searchSpace(graph);
  let partitions = 0;
  for (let node = 0; node < graph.ids.length; node++) {
    if (space.depths[node] !== -1) continue;
    breadthFirst(graph, node, space);
    partitions += 1;
  }
  return partitions;
}

type HopFigures = Pick<NetworkStats, "averageHopCount" | "networkDiameter" | "exact">;

function hopFigures(graph: Graph, component: Uint32Array): HopFigures {
  const sources = sampleSources(graph, component);
  const space = searchSpace(graph);
  let hops = 0;
  let networkDiameter = 0;
  for (const source of sources) {
    space.depths.fill(-1);
    const reached = breadthFirst(graph, source, space);
    for (let i = 0; i < reached; i++) hops += depthAt(i);
    networkDiameter = Math.max(networkDiameter, depthAt(reached - 1));
  }
  const pairs = sources.length * (component.length - 1);
  return {
    averageHopCount: pairs === 0 ? 0 : hops / pairs,
    networkDiameter,
    exact: sources.length === component.length,
  };

  function depthAt(position: number): number {
    return space.depths[space.order[position] as number] as number;
  }
}

/** All nodes, or as many, evenly spread, as can be searched from in the steps allowed. */
function sampleSources(graph: Graph, component: Uint32Array): Uint32Array {
  const stepsPerSource = graph.ids.length + graph.targets.length;
  const affordable = Math.max(1, Math.floor(MAX_STEPS / stepsPerSource));
  if (affordable >= component.length) return component;
  const stride = component.length / affordable;
  return Uint32Array.from({ length: affordable }, (_, i) => component[Math.floor(i * stride)] ?? 0);
}

function averageLatency(graph: Graph, component: Uint32Array): number {
  let sumMs = 0;
  let measured = 0;
  for (const node of component) {
    for (
      let arc = graph.offsets[node] as number;
      arc < (graph.offsets[node + 1] as number);
      arc++
    ) {
      const rttMs = graph.rttsMs[arc] as number;
      if (Number.isNaN(rttMs)) continue;
      sumMs += rttMs;
      measured += 1;
    }
  }
  return measured === 0 ? 0 : sumMs / measured;
}
