import type { Graph } from "../graph/graph.ts";
import { compareNames } from "../names.ts";
import { reachableFrom } from "./breadth-first.ts";
import { componentsOf } from "./components.ts";
import { findCuts } from "./cuts.ts";
import { type NodeRisk, risksFor } from "./risks.ts";

/** Two peers: the ends of a link that there is, or that there should be. */
export interface PeerPair {
  readonly source: string;
  readonly target: string;
}

/** How well the network withstands failures. */
export interface Resilience {
  /**
   * The parts into which the known nodes fall, largest first, each ordered by id: between its relays there are ways, and a node
   * that does not relay is in one of them only. One is a whole network.
   */
  readonly components: readonly (readonly string[])[];
  /** Links whose failure alone would split a part. */
  readonly bridges: readonly PeerPair[];
  /** Nodes whose failure alone would split the rest of a part, ordered by id. */
  readonly cutVertices: readonly string[];
  /**
   * The one new link that would help most: it joins parts, or makes the worst single failure harmless or less bad.
   * undefined where none would.
   */
  readonly suggestedLink: PeerPair | undefined;
}

/** One failure that would cut peers off from this node. */
export interface PartitionRisk {
  readonly kind: "bridge" | "cut-vertex";
  /** The link, if it is one. */
  readonly link?: PeerPair;
  /** The peer, if it is one. It may be this node: then others would lose each other. */
  readonly peerId?: string;
  /** The peers that would be cut off, ordered by id. */
  readonly isolates: readonly string[];
  /** The link that would cure it, or make it less bad; undefined where no link could. */
  readonly suggestedLink: PeerPair | undefined;
}

export function resilienceOf(graph: Graph, self: number): Resilience {
  const { bridges, cutVertices } = findCuts(graph, self);
  const parts = componentsOf(graph);
  return {
    components: parts.map((part) => namesOf(graph, part)),
    bridges: bridges
      .map(({ near, far }) => pairOf(graph, near, far))
      .sort((a, b) => compareNames(a.source, b.source) || compareNames(a.target, b.target)),
    cutVertices: namesOf(
      graph,
      cutVertices.map(({ node }) => node),
    ),
    suggestedLink: suggestLink(graph, self, parts),
  };
}

export function partitionRisks(graph: Graph, self: number): PartitionRisk[] {
  return risksFor(graph, self).map((risk) => describeRisk(graph, risk));
}

/** A split is healed first, from the part that this node is in. */
function suggestLink(
  graph: Graph,
  self: number,
  parts: readonly (readonly number[])[],
): PeerPair | undefined {
  const own = new Set(reachableFrom(graph, self));
  // One that does not relay may be reached here and count to another part.
  const isOwn = (node: number): boolean =>
    own.has(node) && (graph.relays[node] === 1 || node === self);
  const other = parts.find((part) => !part.some(isOwn));
  if (other) return pairOf(graph, hubOf(graph, own), hubOf(graph, other));
  const cure = risksFor(graph, self).find((risk) => risk.cure)?.cure;
  return cure && pairOf(graph, ...cure);
}

/** A relay with most links, since it has the best ways to the others; if none relays, any. */
function hubOf({ relays, degrees }: Graph, nodes: Iterable<number>): number {
  const worth = (node: number): number =>
    (relays[node] as number) * (1 + (degrees[node] as number));
  return [...nodes].reduce((best, node) => (worth(node) > worth(best) ? node : best));
}

function describeRisk(graph: Graph, { cause, isolates, cure }: NodeRisk): PartitionRisk {
  const [node, other] = cause as [number, number?];
  const told = {
    isolates: namesOf(graph, isolates),
    suggestedLink: cure && pairOf(graph, ...cure),
  };
  if (other === undefined)
    return { kind: "cut-vertex", peerId: graph.ids[node] as string, ...told };
  return { kind: "bridge", link: pairOf(graph, node, other), ...told };
}

function namesOf({ ids }: Graph, nodes: readonly number[]): string[] {
  return nodes.map((node) => ids[node] as string).sort(compareNames);
}

/** The smaller id first: a link is the same from both ends. */
function pairOf({ ids }: Graph, a: number, b: number): PeerPair {
  const [source, target] = [ids[a] as string, ids[b] as string].sort(compareNames) as [
    string,
    string,
  ];
  return { source, target };
}
