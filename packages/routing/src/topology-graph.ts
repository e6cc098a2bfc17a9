import type { Graph } from "./graph.ts";
import type { LocalDescription } from "./local-advert.ts";
import type { KnownPeer } from "./peer.ts";

/** A node, ready to draw. */
export interface TopologyNode {
  readonly id: string;
  readonly name?: string;
  /** True for the node whose view it is. */
  readonly self: boolean;
  readonly capabilities: readonly string[];
  readonly tools: readonly string[];
  readonly load: number;
  /** Links on the cheapest way from this node; left out where there is no way. */
  readonly hops?: number;
}

/** A link that both ends have, once. */
export interface TopologyEdge {
  readonly source: string;
  readonly target: string;
  /** From source to target. */
  readonly costUs: number;
  /** From target to source. */
  readonly reverseCostUs: number;
  /** Mean of what the ends measured; left out while neither has. */
  readonly rttMs?: number;
}

export interface TopologyGraph {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

/** The node whose view it is. */
export function selfNode(
  id: string,
  { name, capabilities = [], tools = [], load = 0 }: LocalDescription,
): TopologyNode {
  const described = { capabilities, tools, load, ...(name !== undefined && { name }) };
  return { id, self: true, ...described, hops: 0 };
}

export function peerNode({
  peerId,
  name,
  capabilities,
  tools,
  load,
  hops,
}: KnownPeer): TopologyNode {
  const described = { capabilities, tools, load, ...(name !== undefined && { name }) };
  return { id: peerId, self: false, ...described, ...(hops !== undefined && { hops }) };
}

/** Every link of the graph once, from the end that became known first. */
export function edgesOf(graph: Graph): TopologyEdge[] {
  const edges: TopologyEdge[] = [];
  for (let source = 0; source < graph.ids.length; source++) {
    for (const arc of arcsOf(graph, source)) {
      const target = graph.targets[arc] as number;
      if (source < target) edges.push(edge(graph, source, arc));
    }
  }
  return edges;
}

function edge(graph: Graph, source: number, arc: number): TopologyEdge {
  const target = graph.targets[arc] as number;
  const back = arcsOf(graph, target).find((other) => graph.targets[other] === source) as number;
  const rttMs = meanRttMs([graph.rttsMs[arc] as number, graph.rttsMs[back] as number]);
  return {
    source: graph.ids[source] as string,
    target: graph.ids[target] as string,
    costUs: graph.costsUs[arc] as number,
    reverseCostUs: graph.costsUs[back] as number,
    ...(rttMs !== undefined && { rttMs }),
  };
}

function meanRttMs(ends: readonly number[]): number | undefined {
  const measured = ends.filter((rttMs) => !Number.isNaN(rttMs));
  if (measured.length === 0) return undefined;
  return measured.reduce((sum, rttMs) => sum + rttMs) / measured.length;
}

function arcsOf({ offsets }: Graph, node: number): number[] {
  const first = offsets[node] as number;
  return Array.from({ length: (offsets[node + 1] as number) - first }, (_, i) => first + i);
}
