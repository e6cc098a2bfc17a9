import { ARC_WORDS, findArc, type Graph } from "./graph.ts";
import {
  computeTree,
  enqueue,
  fitTree,
  precedes,
  type ShortestPathTree,
  settle,
} from "./shortest-path-tree.ts";
import { HOP_WEIGHT_US } from "./weight.ts";

/** Arcs that changed since the tree was last right, in pairs: from, to, from, to, … */
export type ChangedArcs = readonly number[];

/**
 * Makes the tree right again after arcs were added, removed, made cheaper or dearer, touching only what lies behind
 * them: after G. Ramalingam and T. Reps, "An Incremental Algorithm for a Generalization of the Shortest-Path Problem"
 * (J. Algorithms 21, 1996), for any number of changes at once. The result, parents included, is what
 * {@link computeTree} would give.
 *
 * 1. Whatever hangs on an arc that is gone or dearer is cut off: the branches below it.
 * 2. Each node cut off is offered its best way over a neighbour that was not.
 * 3. Each arc that is new or cheaper is tried.
 * 4. From there on it is Dijkstra's algorithm, which ends where nothing gets better.
 *
 * With more changes than nodes, all of it is computed anew.
 */
export function updateTree(graph: Graph, tree: ShortestPathTree, changed: ChangedArcs): void {
  fitTree(tree, graph);
  if (changed.length === 0) return;
  if (changed.length / 2 > graph.nodes.size) {
    computeTree(graph, tree);
    return;
  }
  const cut = cutBranches(graph, tree, changed);
  for (const node of cut) reattach(graph, tree, node);
  for (let i = 0; i < changed.length; i += 2) {
    tryArc(graph, tree, changed[i] as number, changed[i + 1] as number);
  }
  settle(graph, tree);
}

/** Forgets the way to every node whose way has become dearer. */
function cutBranches(graph: Graph, tree: ShortestPathTree, changed: ChangedArcs): number[] {
  const cut: number[] = [];
  for (let i = 0; i < changed.length; i += 2) {
    const [from, to] = [changed[i] as number, changed[i + 1] as number];
    if (tree.parents[to] !== from) continue;
    const overUs = (tree.weightsUs[from] as number) + arcWeightUs(graph, tree, from, to);
    if (overUs > (tree.weightsUs[to] as number)) cutBranch(graph, tree, to, cut);
  }
  return cut;
}

/** Forgets the way to `root` and to all below it, and adds them to `cut`. */
function cutBranch(graph: Graph, tree: ShortestPathTree, root: number, cut: number[]): void {
  const { arcs, starts, degrees } = graph;
  let next = cut.length;
  forget(tree, root, cut);
  for (; next < cut.length; next++) {
    const node = cut[next] as number;
    let arc = starts[node] as number;
    const end = arc + (degrees[node] as number) * ARC_WORDS;
    for (; arc < end; arc += ARC_WORDS) {
      const target = arcs[arc] as number;
      if (tree.parents[target] === node) forget(tree, target, cut);
    }
  }
}

function forget({ weightsUs, parents }: ShortestPathTree, node: number, cut: number[]): void {
  weightsUs[node] = Number.POSITIVE_INFINITY;
  parents[node] = -1;
  cut.push(node);
}

/** Gives a node that was cut off its best way over what leads to it. */
function reattach(graph: Graph, tree: ShortestPathTree, node: number): void {
  const { arcs, backs, starts, degrees, relays, ids } = graph;
  const { weightsUs, parents, source } = tree;
  const oldUs = weightsUs[node] as number;
  let arc = starts[node] as number;
  const end = arc + (degrees[node] as number) * ARC_WORDS;
  for (; arc < end; arc += ARC_WORDS) {
    const from = arcs[arc] as number;
    if (relays[from] === 0 && from !== source) continue;
    const foundUs = (weightsUs[from] as number) + HOP_WEIGHT_US + (backs[arc + 1] as number);
    const knownUs = weightsUs[node] as number;
    if (foundUs > knownUs || foundUs === Number.POSITIVE_INFINITY) continue;
    if (foundUs === knownUs && !precedes(ids, from, parents[node] as number)) continue;
    weightsUs[node] = foundUs;
    parents[node] = from;
  }
  if ((weightsUs[node] as number) < oldUs) enqueue(tree, node);
}

/** Takes the arc if the way over it is better, or wins a tie. */
function tryArc(graph: Graph, tree: ShortestPathTree, from: number, to: number): void {
  const { weightsUs, parents } = tree;
  const foundUs = (weightsUs[from] as number) + arcWeightUs(graph, tree, from, to);
  const knownUs = weightsUs[to] as number;
  if (foundUs > knownUs || foundUs === Number.POSITIVE_INFINITY) return;
  if (foundUs === knownUs && !precedes(graph.ids, from, parents[to] as number)) return;
  parents[to] = from;
  weightsUs[to] = foundUs;
  if (foundUs < knownUs) enqueue(tree, to);
}

/** What going from one node to the other weighs; Infinity if it cannot be gone. */
function arcWeightUs(graph: Graph, { source }: ShortestPathTree, from: number, to: number): number {
  if (graph.relays[from] === 0 && from !== source) return Number.POSITIVE_INFINITY;
  const arc = findArc(graph, from, to);
  return arc === -1 ? Number.POSITIVE_INFINITY : (graph.arcs[arc + 1] as number) + HOP_WEIGHT_US;
}
