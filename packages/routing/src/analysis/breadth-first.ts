import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";

/** Whether nothing can go from one node to its neighbour. */
export type IsDown = (from: number, to: number) => boolean;

/** Reused between searches, so that a search allocates nothing. */
export interface SearchSpace {
  /** Hops from the source; -1 where no search came. */
  readonly depths: Int32Array;
  /** The nodes reached, nearest first; only the first `reached` of them count. */
  readonly order: Uint32Array;
}

export function searchSpace(graph: Graph): SearchSpace {
  const size = nodeLimit(graph);
  return { depths: new Int32Array(size).fill(-1), order: new Uint32Array(size) };
}

/**
 * Visits all nodes that can be reached from `source` over relays and were not marked in `depths` before.
 *
 * @param isDown says which links are taken for failed. Default: none.
 * @returns how many were reached, the source included.
 */
export function breadthFirst(
  { arcs, starts, degrees, relays }: Graph,
  source: number,
  { depths, order }: SearchSpace,
  isDown?: IsDown,
): number {
  let reached = 1;
  depths[source] = 0;
  order[0] = source;
  for (let next = 0; next < reached; next++) {
    const node = order[next] as number;
    if (relays[node] === 0 && node !== source) continue;
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      const target = arcs[arc] as number;
      if (depths[target] !== -1 || isDown?.(node, target)) continue;
      depths[target] = (depths[node] as number) + 1;
      order[reached++] = target;
    }
  }
  return reached;
}

/** The nodes that `source` can reach, itself first, then nearest first. */
export function reachableFrom(graph: Graph, source: number, isDown?: IsDown): Uint32Array {
  const space = searchSpace(graph);
  return space.order.subarray(0, breadthFirst(graph, source, space, isDown));
}
