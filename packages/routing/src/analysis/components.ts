import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";
import { precedes } from "../graph/shortest-path-tree.ts";
import { breadthFirst, type SearchSpace, searchSpace } from "./breadth-first.ts";

/**
 * The parts between whose relays there are ways, largest first. A node that does not relay joins no parts: it counts to that of
 * its relay with the smallest id. Those that have none make up parts with whoever of them they are linked to.
 */
export function componentsOf(graph: Graph): number[][] {
  const space = searchSpace(graph);
  const parts: number[][] = [];
  const partOf = new Int32Array(nodeLimit(graph)).fill(-1);
  for (const node of graph.nodes.values()) {
    if (graph.relays[node] === 0 || partOf[node] !== -1) continue;
    parts.push(relaysFrom(graph, node, space, partOf, parts.length));
  }
  const alone = plainNodes(graph).filter((node) => !joinRelay(graph, node, parts, partOf));
  const isSeen = new Uint8Array(nodeLimit(graph)).fill(1);
  for (const node of alone) isSeen[node] = 0;
  parts.push(...linkedParts(graph, alone, isSeen));
  return parts.sort((a, b) => b.length - a.length);
}

/** Into how many parts without a link between them all nodes fall, whether they relay or not. */
export function countLinkedParts(graph: Graph): number {
  return linkedParts(graph, graph.nodes.values(), new Uint8Array(nodeLimit(graph))).length;
}

/** @param isSeen marks those that are in no part, or in one already. */
function linkedParts(graph: Graph, nodes: Iterable<number>, isSeen: Uint8Array): number[][] {
  const parts: number[][] = [];
  for (const node of nodes) if (isSeen[node] === 0) parts.push(linkedTo(graph, node, isSeen));
  return parts;
}

function linkedTo(graph: Graph, start: number, isSeen: Uint8Array): number[] {
  const part = [start];
  isSeen[start] = 1;
  for (const node of part) {
    for (const neighbour of neighboursOf(graph, node)) {
      if (isSeen[neighbour] === 1) continue;
      isSeen[neighbour] = 1;
      part.push(neighbour);
    }
  }
  return part;
}

function plainNodes({ nodes, relays }: Graph): number[] {
  return [...nodes.values()].filter((node) => relays[node] === 0);
}

/** Adds a node to the part of its first relay; false if it has none. */
function joinRelay(graph: Graph, node: number, parts: number[][], partOf: Int32Array): boolean {
  const relay = firstRelay(graph, node);
  if (relay !== undefined) parts[partOf[relay] as number]?.push(node);
  return relay !== undefined;
}

function relaysFrom(
  graph: Graph,
  start: number,
  space: SearchSpace,
  partOf: Int32Array,
  part: number,
): number[] {
  const reached = space.order.subarray(0, breadthFirst(graph, start, space));
  const relays = Array.from(reached).filter((node) => graph.relays[node] === 1);
  for (const node of relays) partOf[node] = part;
  return relays;
}

/** The neighbour with the smallest id that relays. */
function firstRelay(graph: Graph, node: number): number | undefined {
  let first: number | undefined;
  for (const neighbour of neighboursOf(graph, node)) {
    if (graph.relays[neighbour] === 0) continue;
    if (first === undefined || precedes(graph.ids, neighbour, first)) first = neighbour;
  }
  return first;
}

export function neighboursOf({ arcs, starts, degrees }: Graph, node: number): number[] {
  const start = starts[node] as number;
  const nth = (n: number): number => arcs[start + n * ARC_WORDS] as number;
  return Array.from({ length: degrees[node] as number }, (_, n) => nth(n));
}
