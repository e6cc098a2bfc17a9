import { ARC_WORDS } from "../graph/graph.ts";
import type { LinkGraph } from "./link-graph.ts";
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
  /** Whether it passes on what is for others. */
  readonly relay: boolean;
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
  { name, capabilities = [], tools = [], load = 0, relay = true }: LocalDescription,
): TopologyNode {
  const described = { capabilities, tools, load, relay, ...(name !== undefined && { name }) };
  return { id, self: true, ...described, hops: 0 };
}

export function peerNode({
  peerId,
  name,
  capabilities,
  tools,
  load,
  relay,
  hops,
}: KnownPeer): TopologyNode {
  const described = { capabilities, tools, load, relay, ...(name !== undefined && { name }) };
  return { id: peerId, self: false, ...described, ...(hops !== undefined && { hops }) };
}

/** Every link of the graph once, from the end that became known first. */
export function edgesOf(links: LinkGraph): TopologyEdge[] {
  const { nodes, ids, arcs, backs, starts, degrees } = links.graph;
  const edges: TopologyEdge[] = [];
  for (const [source, node] of nodes) {
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      const other = arcs[arc] as number;
      if (other < node) continue;
      const target = ids[other] as string;
      const costs = { costUs: arcs[arc + 1] as number, reverseCostUs: backs[arc + 1] as number };
      edges.push({ source, target, ...costs, ...rttOf(links, source, target) });
    }
  }
  return edges;
}

function rttOf(links: LinkGraph, a: string, b: string): Pick<TopologyEdge, "rttMs"> {
  const rttMs = mean([links.claimsOf(a).get(b)?.rttMs, links.claimsOf(b).get(a)?.rttMs]);
  return rttMs === undefined ? {} : { rttMs };
}

/** The mean round trip over all links within a set of peers; 0 if none was measured. */
export function averageLatency(links: LinkGraph, within: ReadonlySet<string>): number {
  const measured: number[] = [];
  for (const id of within) {
    for (const [peer, { rttMs }] of links.claimsOf(id)) {
      if (rttMs !== undefined && links.costUs(id, peer) !== undefined) measured.push(rttMs);
    }
  }
  return mean(measured) ?? 0;
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0
    ? undefined
    : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The drawing in the language of Graphviz: names, links with their round trip or cost, relays as boxes. */
export function toDot({ nodes, edges }: TopologyGraph): string {
  const nodeLines = nodes.map(({ id, name, self, relay, hops }) => {
    const shape = relay ? "box" : "ellipse";
    const style = [self ? "bold" : "", hops === undefined ? "dashed" : ""]
      .filter(Boolean)
      .join(",");
    return `  ${quote(id)} [label=${quote(name ?? id)}, shape=${shape}, style=${quote(style)}];`;
  });
  const edgeLines = edges.map(({ source, target, costUs, rttMs }) => {
    const label = rttMs === undefined ? `${costUs} µs` : `${rttMs} ms`;
    return `  ${quote(source)} -- ${quote(target)} [label=${quote(label)}];`;
  });
  return ["graph network {", ...nodeLines, ...edgeLines, "}", ""].join("\n");
}

/** A quoted string of the DOT language: only the quote itself, and a backslash before it, need care. */
function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
