import { ARC_WORDS, addNode, createGraph, type Graph } from "./graph.ts";
import { appendLink } from "./links.ts";

/** Links by position: the nth goes from `from[n]` to `to[n]`, both positions in a list of ids. */
export interface LinkList {
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  readonly costsUs: ArrayLike<number>;
  /** The costs of the other direction. */
  readonly backCostsUs: ArrayLike<number>;
}

/** Arcs of space that a node gets beyond those it has, so that some can come without its block being moved. */
const SLACK_SHIFT = 3;

/**
 * Builds a graph at once: much faster than link by link, and packed. Ids must differ; there must be at most one link
 * between two nodes, and none from a node to itself.
 */
export function buildGraph(ids: readonly string[], links: LinkList): Graph {
  const degrees = countDegrees(ids.length, links);
  const graph = createGraph(ids.length, totalRoom(degrees));
  for (const id of ids) addNode(graph, id);
  layOut(graph, degrees);
  const { from, to, costsUs, backCostsUs } = links;
  for (let n = 0; n < from.length; n++) {
    const [a, b] = [from[n] as number, to[n] as number];
    appendLink(graph, a, b, costsUs[n] as number, backCostsUs[n] as number);
  }
  return graph;
}

function countDegrees(nodes: number, { from, to }: LinkList): Uint32Array {
  const degrees = new Uint32Array(nodes);
  for (let n = 0; n < from.length; n++) {
    degrees[from[n] as number] = (degrees[from[n] as number] as number) + 1;
    degrees[to[n] as number] = (degrees[to[n] as number] as number) + 1;
  }
  return degrees;
}

function totalRoom(degrees: Uint32Array): number {
  return degrees.reduce((sum, degree) => sum + roomFor(degree), 0);
}

function roomFor(degree: number): number {
  return degree + (degree >> SLACK_SHIFT) + 1;
}

function layOut(graph: Graph, degrees: Uint32Array): void {
  let start = 0;
  for (let node = 0; node < degrees.length; node++) {
    const room = roomFor(degrees[node] as number);
    graph.starts[node] = start;
    graph.rooms[node] = room;
    start += room * ARC_WORDS;
  }
  graph.used = start;
}
