import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";
import { precedes } from "../graph/shortest-path-tree.ts";
import { breadthFirst, type SearchSpace, searchSpace } from "./breadth-first.ts";

/**
 * The parts between whose nodes there are ways, largest first. A node that does not relay joins no parts: it counts to that
 * of its relay with the smallest id, and without one it is a part of its own.
 */
export function componentsOf(graph: Graph): number[][] {
  const space = searchSpace(graph);
  const parts: number[][] = [];
  const partOf = new Int32Array(nodeLimit(graph)).fill(-1);
  for (const node of graph.nodes.values()) {
    if (graph.relays[node] === 0 || partOf[node] !== -1) continue;
    parts.push(relaysFrom(graph, node, space, partOf, parts.length));
  }
  for (const node of graph.nodes.values()) {
    if (graph.relays[node] === 1) continue;
    const relay = firstRelay(graph, node);
    if (relay === undefined) parts.push([node]);
    else parts[partOf[relay] as number]?.push(node);
  }
  return parts.sort((a, b) => b.length - a.length);
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
