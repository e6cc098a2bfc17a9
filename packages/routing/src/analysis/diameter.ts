import type { Graph } from "../graph/graph.ts";
import { breadthFirst, type SearchSpace, searchSpace } from "./breadth-first.ts";

export interface Diameter {
  /** The most hops between two nodes; where it is not exact, at least so many. */
  readonly hops: number;
  readonly exact: boolean;
}

/** How many searches may be spent: for many networks a handful is enough, for some even all nodes are not too many. */
const MAX_SEARCHES = 64;

/**
 * The diameter of a component with few searches: iFUB of P. Crescenzi et al., "On Computing the Diameter of Real-World
 * Undirected Graphs" (Theoretical Computer Science 514, 2013). Starting with the nodes farthest from a middle one, each
 * search raises what is known to be there, until nodes nearer to the middle cannot be farther apart.
 *
 * @param component all nodes that can be reached from each other. One of them must relay, unless it is alone.
 */
export function diameterOf(
  graph: Graph,
  component: Uint32Array,
  maxSearches: number = MAX_SEARCHES,
): Diameter {
  const space = searchSpace(graph);
  const middle = middleOf(graph, component, space);
  const reached = search(graph, middle, space);
  const order = space.order.slice(0, reached);
  const depths = order.map((node) => space.depths[node] as number);
  let hops = depths.at(-1) ?? 0;
  for (let last = reached - 1, searches = 0; last >= 0; last--, searches++) {
    // Two nodes that are no farther than this from the middle are at most twice that apart.
    if (hops >= 2 * (depths[last] as number)) return { hops, exact: true };
    if (searches === maxSearches) return { hops, exact: false };
    hops = Math.max(hops, eccentricity(graph, order[last] as number, space));
  }
  return { hops, exact: true };
}

/** A relay half way between two nodes that are far apart: where iFUB is quick. */
function middleOf(graph: Graph, component: Uint32Array, space: SearchSpace): number {
  const start = component.find((node) => graph.relays[node] === 1) ?? (component[0] as number);
  const far = farthest(graph, start, space);
  const other = farthest(graph, far, space);
  const fromFar = space.depths.slice();
  const span = space.depths[other] as number;
  search(graph, other, space);
  const isMiddle = (node: number): boolean =>
    graph.relays[node] === 1 &&
    (fromFar[node] as number) + (space.depths[node] as number) === span &&
    fromFar[node] === span >> 1;
  return component.find(isMiddle) ?? start;
}

function farthest(graph: Graph, source: number, space: SearchSpace): number {
  return space.order[search(graph, source, space) - 1] as number;
}

function eccentricity(graph: Graph, source: number, space: SearchSpace): number {
  return space.depths[farthest(graph, source, space)] as number;
}

function search(graph: Graph, source: number, space: SearchSpace): number {
  space.depths.fill(-1);
  return breadthFirst(graph, source, space);
}
