import { ARC_WORDS, type Graph } from "../graph/graph.ts";
import { computeTree, createTree } from "../graph/shortest-path-tree.ts";

/** For each node what the best way from there to `target` weighs; Infinity where there is none. */
export function weightsTo(graph: Graph, target: number): Float64Array {
  const mirrored = { ...graph, arcs: mirrorArcs(graph) };
  const tree = createTree(mirrored, target);
  computeTree(mirrored, tree);
  return tree.weightsUs;
}

/** The arcs with the costs of their opposites: what leads to a node instead of away from it. */
function mirrorArcs({ arcs, backs, used }: Graph): Uint32Array {
  const mirrored = arcs.slice(0, used);
  for (let word = 1; word < used; word += ARC_WORDS) mirrored[word] = backs[word] as number;
  return mirrored;
}
