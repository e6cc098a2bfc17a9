import type { Graph } from "./graph.ts";

/** Reused between searches, so that a search allocates nothing. */
export interface SearchSpace {
  /** Hops from the source; -1 where the search did not come. */
  readonly depths: Int32Array;
  /** The nodes reached, nearest first; only the first `reached` of them count. */
  readonly order: Uint32Array;
}

export function searchSpace(graph: Graph): SearchSpace {
  const size = graph.ids.length;
  return { depths: new Int32Array(size).fill(-1), order: new Uint32Array(size) };
}

/**
 * Visits all nodes that can be reached from `source` and were not marked in `depths` before.
 *
 * @returns how many were reached, the source included.
 */
export function breadthFirst(graph: Graph, source: number, { depths, order }: SearchSpace): number {
  const { offsets, targets } = graph;
  let reached = 1;
  depths[source] = 0;
  order[0] = source;
  for (let next = 0; next < reached; next++) {
    const node = order[next] as number;
    const end = offsets[node + 1] as number;
    for (let arc = offsets[node] as number; arc < end; arc++) {
      const target = targets[arc] as number;
      if (depths[target] !== -1) continue;
      depths[target] = (depths[node] as number) + 1;
      order[reached++] = target;
    }
  }
  return reached;
}
