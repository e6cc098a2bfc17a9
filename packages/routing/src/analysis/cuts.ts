import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";
import { neighboursOf } from "./components.ts";

/** A link without which its ends have no way to each other. */
export interface Bridge {
  /** The end that the walk met first. */
  readonly near: number;
  readonly far: number;
  /** How many relays lie behind it, seen from where the walk began. */
  readonly behind: number;
}

/** A node without which others have no way to each other. */
export interface CutVertex {
  readonly node: number;
  /** How many relays lie behind it, seen from where the walk began; at its beginning, all but the largest part. */
  readonly behind: number;
}

/** Where a network falls apart if one link, or one node, fails. */
export interface Cuts {
  readonly bridges: readonly Bridge[];
  readonly cutVertices: readonly CutVertex[];
}

/** The walk's state, by node. */
interface Walk {
  readonly graph: Graph;
  readonly start: number;
  /** In which order nodes were met, from 1; 0 for not yet. */
  readonly met: Uint32Array;
  /** The earliest met node to which a node or what hangs below it has a link. */
  readonly low: Uint32Array;
  readonly parents: Int32Array;
  /** Which of a node's arcs comes next. */
  readonly nextArcs: Uint32Array;
  /** How many nodes hang below a node, itself included. */
  readonly sizes: Uint32Array;
  readonly bridges: Bridge[];
  /** How many lie behind each. */
  readonly cuts: Map<number, number>;
  count: number;
}

/**
 * Bridges and cut vertices in one walk: R. Tarjan's depth-first search ("Depth-First Search and Linear Graph Algorithms",
 * SIAM J. Computing 1, 1972), without recursion, since a network may be a long line. It walks relays only, and the node it
 * starts from; one that does not relay hangs on them like a leaf, and on a bridge if it hangs on one alone.
 *
 * @param start the node that looks: it can send to all its neighbours, whether it relays or not.
 */
export function findCuts(graph: Graph, start: number): Cuts {
  const walk = createWalk(graph, start);
  walkFrom(walk, start);
  const metFromStart = walk.count;
  for (const node of graph.nodes.values()) {
    if (isOpen(walk, node) && walk.met[node] === 0) walkFrom(walk, node);
  }
  for (const node of graph.nodes.values()) if (!isOpen(walk, node)) hang(walk, node, metFromStart);
  // One that does not relay leads nobody to anybody.
  if (graph.relays[start] === 0) walk.cuts.delete(start);
  const cutVertices = Array.from(walk.cuts, ([node, behind]) => ({ node, behind }));
  return { bridges: walk.bridges, cutVertices };
}

/** Whether ways from the start can lead on from a node. */
function isOpen({ graph, start }: Walk, node: number): boolean {
  return graph.relays[node] === 1 || node === start;
}

function createWalk(graph: Graph, start: number): Walk {
  const size = nodeLimit(graph);
  return {
    graph,
    start,
    met: new Uint32Array(size),
    low: new Uint32Array(size),
    parents: new Int32Array(size).fill(-1),
    nextArcs: graph.starts.slice(0, size),
    sizes: new Uint32Array(size).fill(1),
    bridges: [],
    cuts: new Map(),
    count: 0,
  };
}

function walkFrom(walk: Walk, root: number): void {
  const parts: number[] = [];
  meet(walk, root);
  for (let node = root; node !== -1; ) {
    const child = step(walk, node);
    if (child !== -1) {
      node = child;
      continue;
    }
    const parent = walk.parents[node] as number;
    if (parent === root) parts.push(walk.sizes[node] as number);
    if (parent !== -1) leave(walk, node, parent, root);
    node = parent;
  }
  const behind = parts.reduce((sum, part) => sum + part, 0) - Math.max(0, ...parts);
  if (parts.length > 1) walk.cuts.set(root, behind);
}

function meet(walk: Walk, node: number): void {
  walk.count += 1;
  walk.met[node] = walk.count;
  walk.low[node] = walk.count;
}

/** Goes on along the node's arcs until one leads to a node not met yet, which is returned; -1 when there are no more. */
function step(walk: Walk, node: number): number {
  const { arcs, starts, degrees } = walk.graph;
  const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
  for (let arc = walk.nextArcs[node] as number; arc < end; arc += ARC_WORDS) {
    const target = arcs[arc] as number;
    if (!isOpen(walk, target) || target === walk.parents[node]) continue;
    if (walk.met[target] === 0) {
      walk.nextArcs[node] = arc + ARC_WORDS;
      walk.parents[target] = node;
      meet(walk, target);
      return target;
    }
    walk.low[node] = Math.min(walk.low[node] as number, walk.met[target] as number);
  }
  walk.nextArcs[node] = end;
  return -1;
}

/** All below `node` is known: what does that say about the link to its parent, and about the parent? */
function leave(walk: Walk, node: number, parent: number, root: number): void {
  const low = walk.low[node] as number;
  const behind = walk.sizes[node] as number;
  const metParent = walk.met[parent] as number;
  if (low > metParent) walk.bridges.push({ near: parent, far: node, behind });
  if (low >= metParent && parent !== root) {
    walk.cuts.set(parent, (walk.cuts.get(parent) ?? 0) + behind);
  }
  walk.low[parent] = Math.min(walk.low[parent] as number, low);
  walk.sizes[parent] = (walk.sizes[parent] as number) + behind;
}

/**
 * A node that does not relay. What counts are its neighbours in the part that the walk began in; without any, those elsewhere. If
 * there is but one, that is a cut vertex, unless there is nobody else.
 */
function hang(walk: Walk, node: number, metFromStart: number): void {
  const open = neighboursOf(walk.graph, node).filter((neighbour) => isOpen(walk, neighbour));
  const near = open.filter((neighbour) => (walk.met[neighbour] as number) <= metFromStart);
  const [relay, ...others] = near.length > 0 ? near : open;
  if (relay === undefined || others.length > 0) return;
  walk.bridges.push({ near: relay, far: node, behind: 1 });
  if ((walk.graph.degrees[relay] as number) === 1) return;
  walk.cuts.set(relay, (walk.cuts.get(relay) ?? 0) + 1);
}
