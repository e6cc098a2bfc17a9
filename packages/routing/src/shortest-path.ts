import type { Graph } from "./graph.ts";
import { MinHeap } from "./heap.ts";

/** The cheapest way from one node to every other. */
export interface ShortestPathTree {
  /** Infinity where there is no way. Sums of µs stay exact up to 2⁵³. */
  readonly costsUs: Float64Array;
  readonly hops: Uint32Array;
  /** The node before, on the way from the source; -1 at the source and where there is no way. */
  readonly parents: Int32Array;
}

/**
 * Dijkstra's algorithm over a heap.
 *
 * Ties are broken the same way whatever the order of nodes and arcs: of equally cheap ways the one with fewer hops,
 * then the one whose last relay has the smaller id. It works because no arc is free: whatever reaches a node at its
 * final cost is settled before the node itself.
 */
export function shortestPathTree(graph: Graph, source: number): ShortestPathTree {
  const tree = emptyTree(graph.ids.length);
  const heap = new MinHeap(graph.targets.length + 1);
  tree.costsUs[source] = 0;
  heap.push(0, source);
  while (heap.size > 0) {
    const costUs = heap.minCost;
    const node = heap.pop();
    // A dearer entry of a node that was settled already is left over from before a cheaper way was found.
    if (costUs === tree.costsUs[node]) relaxArcs(graph, tree, heap, node);
  }
  return tree;
}

/** The nodes on the way to `node`, both ends included; undefined where there is no way. */
export function pathTo(tree: ShortestPathTree, node: number): number[] | undefined {
  if (tree.costsUs[node] === Number.POSITIVE_INFINITY) return undefined;
  const path: number[] = [];
  for (let at = node; at !== -1; at = tree.parents[at] as number) path.push(at);
  return path.reverse();
}

function emptyTree(size: number): ShortestPathTree {
  return {
    costsUs: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    hops: new Uint32Array(size),
    parents: new Int32Array(size).fill(-1),
  };
}

/** Goes from a settled node one arc further, wherever that is better than what is known. */
function relaxArcs(graph: Graph, tree: ShortestPathTree, heap: MinHeap, node: number): void {
  const { offsets, targets } = graph;
  const end = offsets[node + 1] as number;
  for (let arc = offsets[node] as number; arc < end; arc++) {
    const target = targets[arc] as number;
    const costUs = (tree.costsUs[node] as number) + (graph.costsUs[arc] as number);
    if (!isBetter(graph, tree, node, target, costUs)) continue;
    if (costUs < (tree.costsUs[target] as number)) heap.push(costUs, target);
    tree.costsUs[target] = costUs;
    tree.hops[target] = (tree.hops[node] as number) + 1;
    tree.parents[target] = node;
  }
}

/** Whether the way to `target` over `node` is better than the one known: cheaper, or the winner of a tie. */
function isBetter(
  { ids }: Graph,
  { costsUs, hops, parents }: ShortestPathTree,
  node: number,
  target: number,
  costUs: number,
): boolean {
  const knownUs = costsUs[target] as number;
  if (costUs !== knownUs) return costUs < knownUs;
  const hopsOver = (hops[node] as number) + 1;
  const knownHops = hops[target] as number;
  if (hopsOver !== knownHops) return hopsOver < knownHops;
  return (ids[node] as string) < (ids[parents[target] as number] as string);
}
