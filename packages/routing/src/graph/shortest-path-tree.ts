import { ARC_WORDS, type Graph } from "./graph.ts";
import { createHeap, growHeap, type Heap, rise, sink } from "./heap.ts";
import { HOP_WEIGHT_US } from "./weight.ts";

/**
 * The cheapest way from one node to every other.
 *
 * Ties are broken the same way everywhere, whatever the order of nodes and links: of equally cheap ways the one with
 * fewer hops, then the one whose last relay has the smaller id (in code units), then its last but one, and so on.
 */
export interface ShortestPathTree {
  readonly source: number;
  /** Cost and hops of the way in one number, see weight.ts; Infinity where there is none. */
  weightsUs: Float64Array;
  /** The same memory in words: `keys[2 · node]` is the upper half of a weight, a number that orders nearly as it does. */
  keys: Int32Array;
  /** The node before, on the way from the source; -1 at the source and where there is no way. */
  parents: Int32Array;
  readonly heap: Heap;
}

/** Where the upper half of a double is in memory, in bytes: behind the lower one on nearly every machine. */
const UPPER_OFFSET = new Int32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 4;

/** The upper halves of weights: that of the nth is at `2n`. They are 0 or more, since weights are. */
export function upperHalves(weights: Float64Array): Int32Array {
  return new Int32Array(weights.buffer, UPPER_OFFSET, Math.max(0, weights.length * 2 - 1));
}

export function createTree(graph: Graph, source: number): ShortestPathTree {
  const size = graph.starts.length;
  const weightsUs = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  return {
    source,
    weightsUs,
    keys: upperHalves(weightsUs),
    parents: new Int32Array(size).fill(-1),
    heap: createHeap(),
  };
}

/** Makes room for nodes that were added meanwhile. */
export function fitTree(tree: ShortestPathTree, graph: Graph): void {
  const { weightsUs, parents } = tree;
  const size = graph.starts.length;
  if (weightsUs.length >= size) return;
  tree.weightsUs = new Float64Array(size).fill(Number.POSITIVE_INFINITY, weightsUs.length);
  tree.weightsUs.set(weightsUs);
  tree.keys = upperHalves(tree.weightsUs);
  tree.parents = new Int32Array(size).fill(-1, parents.length);
  tree.parents.set(parents);
}

/** Computes all of it anew. */
export function computeTree(graph: Graph, tree: ShortestPathTree): void {
  fitTree(tree, graph);
  tree.weightsUs.fill(Number.POSITIVE_INFINITY);
  tree.parents.fill(-1);
  tree.weightsUs[tree.source] = 0;
  enqueue(tree, tree.source);
  settle(graph, tree);
}

/** The node's weight has fallen: what lies behind it has to be looked at. */
export function enqueue({ heap, keys }: ShortestPathTree, node: number): void {
  if ((heap.size + 1) * 2 > heap.entries.length) growHeap(heap);
  rise(heap.entries, heap.size++, keys[node * 2] as number, node);
}

/**
 * Dijkstra's algorithm: takes one node after the other off the heap, cheapest first, and goes on along its arcs, until
 * nothing gets better. What makes it fast:
 *
 * - The heap orders by the upper half of each weight, in integers, which a processor compares without guessing (see
 *   {@link sink}). Two weights that differ by less than a millionth may come in the wrong order; a node that gets better
 *   after its turn simply has another. The result is exact.
 * - The first neighbour that gets better takes the place of the node at the top of the heap, which saves a removal.
 *
 * A tie is decided when the last of the winning ways is found, in whatever order: no arc is free, so none of them leads
 * through the node itself.
 */
export function settle(
  graph: Graph,
  { heap, weightsUs, keys, parents, source }: ShortestPathTree,
): void {
  const { arcs, starts, degrees, relays, ids } = graph;
  let { entries, size } = heap;
  while (size > 0) {
    const node = entries[1] as number;
    let topIsFree = true;
    // An entry with another key is left over from before a better way was found.
    const current = entries[0] === keys[node * 2];
    if (current && (relays[node] === 1 || node === source)) {
      const overUs = (weightsUs[node] as number) + HOP_WEIGHT_US;
      let arc = starts[node] as number;
      const end = arc + (degrees[node] as number) * ARC_WORDS;
      for (; arc < end; arc += ARC_WORDS) {
        const target = arcs[arc] as number;
        const foundUs = overUs + (arcs[arc + 1] as number);
        const knownUs = weightsUs[target] as number;
        if (foundUs > knownUs) continue;
        if (foundUs === knownUs) {
          if (precedes(ids, node, parents[target] as number)) parents[target] = node;
          continue;
        }
        weightsUs[target] = foundUs;
        parents[target] = node;
        const key = keys[target * 2] as number;
        if (topIsFree) {
          topIsFree = false;
          sink(entries, size, key, target);
        } else {
          if ((size + 1) * 2 > entries.length) entries = growHeap(heap);
          rise(entries, size++, key, target);
        }
      }
    }
    if (topIsFree && --size > 0) {
      sink(entries, size, entries[size * 2] as number, entries[size * 2 + 1] as number);
    }
  }
  heap.size = 0;
}

/** Whether a node wins a tie against another. */
export function precedes(ids: Graph["ids"], node: number, other: number): boolean {
  return node !== other && (ids[node] as string) < (ids[other] as string);
}

/** The nodes on the way to `node`, both ends included; undefined where there is no way. */
export function pathTo(
  { weightsUs, parents }: ShortestPathTree,
  node: number,
): number[] | undefined {
  if (weightsUs[node] === Number.POSITIVE_INFINITY) return undefined;
  const path: number[] = [];
  for (let at = node; at !== -1; at = parents[at] as number) path.push(at);
  return path.reverse();
}

/** How many links the way to `node` has; it must have one. */
export function hopsTo({ parents }: ShortestPathTree, node: number): number {
  let hops = 0;
  for (let at = parents[node] as number; at !== -1; at = parents[at] as number) hops += 1;
  return hops;
}

/** Whether there is a way to `node`. */
export function isReached({ weightsUs }: ShortestPathTree, node: number): boolean {
  return (weightsUs[node] ?? Number.POSITIVE_INFINITY) < Number.POSITIVE_INFINITY;
}
