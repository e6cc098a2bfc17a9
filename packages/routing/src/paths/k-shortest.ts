import { findArc, type Graph, nodeLimit } from "../graph/graph.ts";
import { HOP_WEIGHT_US } from "../graph/weight.ts";
import { type NodePath, PathSearch } from "./path-search.ts";
import { weightsTo } from "./remaining.ts";

/** A path, and where it left the one it was found from. */
interface Candidate extends NodePath {
  readonly deviation: number;
}

/**
 * The `k` best ways from one node to another that visit no node twice, best first, ties decided as everywhere; fewer where
 * there are no more. J. Y. Yen's algorithm ("Finding the K Shortest Loopless Paths in a Network", Management Science 17,
 * 1971), with E. L. Lawler's saving (each path is varied only behind the place where it left its parent), and searches that
 * know what remains to the destination.
 */
export function kShortestPaths(graph: Graph, from: number, to: number, k: number): NodePath[] {
  const search = new PathSearch(graph);
  const remainingUs = weightsTo(graph, to);
  const first = search.find(from, to, {}, remainingUs);
  const found: Candidate[] = [];
  const waiting: Candidate[] = first ? [{ ...first, deviation: 0 }] : [];
  while (found.length < k) {
    const best = takeBest(graph, waiting);
    if (!best) break;
    found.push(best);
    if (found.length < k) waiting.push(...variations(graph, search, found, to, remainingUs));
  }
  return found;
}

/** The best ways that leave the newest path at one of its nodes, and differ from all paths before. */
function variations(
  graph: Graph,
  search: PathSearch,
  found: readonly Candidate[],
  to: number,
  remainingUs: Float64Array,
): Candidate[] {
  const { nodes, deviation } = found.at(-1) as Candidate;
  const closed = new Uint8Array(nodeLimit(graph));
  const result: Candidate[] = [];
  let rootUs = 0;
  for (let at = 0; at < nodes.length - 1; at++) {
    const spur = nodes[at] as number;
    if (at >= deviation) {
      const afterSource = takenAfter(found, nodes, at);
      const rest = search.find(spur, to, { nodes: closed, afterSource }, remainingUs);
      if (rest) result.push(joined(nodes.slice(0, at), rootUs, rest, at));
    }
    closed[spur] = 1;
    rootUs += arcWeightUs(graph, spur, nodes[at + 1] as number);
  }
  return result;
}

function joined(
  root: readonly number[],
  rootUs: number,
  rest: NodePath,
  deviation: number,
): Candidate {
  return { nodes: [...root, ...rest.nodes], weightUs: rootUs + rest.weightUs, deviation };
}

/** Where the paths found go on that begin as this one does, up to position `at`. */
function takenAfter(found: readonly Candidate[], root: readonly number[], at: number): Set<number> {
  const sharing = found.filter(({ nodes }) => isPrefix(root, nodes, at));
  return new Set(sharing.map(({ nodes }) => nodes[at + 1] as number));
}

function isPrefix(root: readonly number[], nodes: readonly number[], at: number): boolean {
  for (let i = 0; i <= at; i++) if (root[i] !== nodes[i]) return false;
  return true;
}

function takeBest(graph: Graph, waiting: Candidate[]): Candidate | undefined {
  let best = 0;
  for (let i = 1; i < waiting.length; i++) {
    if (isBetter(graph, waiting[i] as Candidate, waiting[best] as Candidate)) best = i;
  }
  return waiting.splice(best, 1)[0];
}

/** By weight, then by the ids from the destination backwards: the order in which the tree breaks its ties. */
function isBetter({ ids }: Graph, a: NodePath, b: NodePath): boolean {
  if (a.weightUs !== b.weightUs) return a.weightUs < b.weightUs;
  for (let back = 1; back <= Math.min(a.nodes.length, b.nodes.length); back++) {
    const one = ids[a.nodes.at(-back) as number] as string;
    const other = ids[b.nodes.at(-back) as number] as string;
    if (one !== other) return one < other;
  }
  return false;
}

/** What the link from one node of a path to the next weighs. */
export function arcWeightUs(graph: Graph, from: number, to: number): number {
  return (graph.arcs[findArc(graph, from, to) + 1] as number) + HOP_WEIGHT_US;
}
