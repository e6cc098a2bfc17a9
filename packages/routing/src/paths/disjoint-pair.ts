import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";
import { createHeap, growHeap, type Heap, rise, sink } from "../graph/heap.ts";
import { pathTo, type ShortestPathTree, upperHalves } from "../graph/shortest-path-tree.ts";
import { HOP_WEIGHT_US } from "../graph/weight.ts";
import { arcWeightUs } from "./k-shortest.ts";
import type { NodePath } from "./path-search.ts";

/**
 * Two ways from the tree's source to `to` that share no node but their ends, nor a link, and together weigh least; the
 * better one first. It need not be the best way there is: that one may be in the way of every other. undefined if there are no
 * two such ways.
 *
 * J. W. Suurballe's algorithm ("Disjoint Paths in a Network", Networks 4, 1974): a second search, in which each arc weighs what
 * it costs more than the best way, and which may take the first way's links backwards: where both use a link, each to
 * its own side, it falls out of both.
 */
export function disjointPair(
  graph: Graph,
  tree: ShortestPathTree,
  to: number,
): [NodePath, NodePath] | undefined {
  const first = pathTo(tree, to);
  if (!first || first.length < 2) return undefined;
  const second = new SecondSearch(graph, tree, first).run();
  if (!second) return undefined;
  const pair = untangle(first, second).map((nodes) => ({ nodes, weightUs: weigh(graph, nodes) }));
  const [one, other] = pair as unknown as [NodePath, NodePath];
  return one.weightUs <= other.weightUs ? [one, other] : [other, one];
}

/** A step of the second way: along an arc, or back along one of the first way. */
interface Step {
  readonly from: number;
  readonly to: number;
  readonly backwards: boolean;
}

/**
 * Each node is two places, one where ways arrive (`2 · node`) and one where they leave (`2 · node + 1`), so that a node, and
 * not only a link, is used once. On the first way they are not joined forwards any more.
 */
class SecondSearch {
  readonly #graph: Graph;
  readonly #tree: ShortestPathTree;
  readonly #source: number;
  readonly #target: number;
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #weightsUs: Float64Array;
  readonly #keys: Int32Array;
  readonly #parents: Int32Array;
  readonly #heap: Heap = createHeap();

  constructor(graph: Graph, tree: ShortestPathTree, first: readonly number[]) {
    const places = nodeLimit(graph) * 2;
    this.#graph = graph;
    this.#tree = tree;
    this.#source = tree.source;
    this.#target = first.at(-1) as number;
    this.#before = new Int32Array(nodeLimit(graph)).fill(-1);
    this.#after = new Int32Array(nodeLimit(graph)).fill(-1);
    for (const [index, node] of first.entries()) {
      this.#before[node] = first[index - 1] ?? -1;
      this.#after[node] = first[index + 1] ?? -1;
    }
    this.#weightsUs = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
    this.#keys = upperHalves(this.#weightsUs);
    this.#parents = new Int32Array(places).fill(-1);
  }

  /** The steps of the second way in order; undefined without one. */
  run(): Step[] | undefined {
    const heap = this.#heap;
    this.#offer(this.#source * 2 + 1, -1, 0);
    while (heap.size > 0) {
      const { entries } = heap;
      const [key, place] = [entries[0] as number, entries[1] as number];
      const size = --heap.size;
      if (size > 0)
        sink(entries, size, entries[size * 2] as number, entries[size * 2 + 1] as number);
      if (key !== this.#keys[place * 2]) continue;
      if (place % 2 === 0) this.#arrive(place >> 1);
      else this.#leave(place >> 1);
    }
    return this.#weightsUs[this.#target * 2] === Number.POSITIVE_INFINITY
      ? undefined
      : this.#steps();
  }

  #arrive(node: number): void {
    if (node === this.#target) return;
    const place = node * 2;
    const weightUs = this.#weightsUs[place] as number;
    const before = this.#before[node] as number;
    // A link of the best way costs nothing more than the best way, in either direction.
    if (before !== -1) this.#offer(before * 2 + 1, place, weightUs);
    else if (this.#graph.relays[node] === 1) this.#offer(place + 1, place, weightUs);
  }

  #leave(node: number): void {
    const { arcs, starts, degrees } = this.#graph;
    const place = node * 2 + 1;
    const weightUs = this.#weightsUs[place] as number;
    if (node !== this.#source && this.#before[node] !== -1) this.#offer(place - 1, place, weightUs);
    const overUs = weightUs + (this.#tree.weightsUs[node] as number) + HOP_WEIGHT_US;
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      const target = arcs[arc] as number;
      if (target === this.#source || target === this.#after[node]) continue;
      const extraUs = overUs + (arcs[arc + 1] as number) - (this.#tree.weightsUs[target] as number);
      this.#offer(target * 2, place, extraUs);
    }
  }

  #offer(place: number, from: number, weightUs: number): void {
    if (weightUs >= (this.#weightsUs[place] as number)) return;
    this.#weightsUs[place] = weightUs;
    this.#parents[place] = from;
    const heap = this.#heap;
    if ((heap.size + 1) * 2 > heap.entries.length) growHeap(heap);
    rise(heap.entries, heap.size++, this.#keys[place * 2] as number, place);
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    for (let place = this.#target * 2; this.#parents[place] !== -1; ) {
      const from = this.#parents[place] as number;
      const backwards = from % 2 === 0;
      if (from >> 1 !== place >> 1) steps.push({ from: from >> 1, to: place >> 1, backwards });
      place = from;
    }
    return steps.reverse();
  }
}

/** What is left of both ways without the links that one takes forwards and the other backwards. */
function untangle(first: readonly number[], second: readonly Step[]): [number[], number[]] {
  const links = new Map<number, number[]>();
  for (const [index, node] of first.slice(0, -1).entries())
    links.set(node, [first[index + 1] as number]);
  for (const { from, to, backwards } of second) {
    if (backwards)
      links.set(
        to,
        (links.get(to) ?? []).filter((next) => next !== from),
      );
    else links.set(from, [...(links.get(from) ?? []), to]);
  }
  const [source, target] = [first[0] as number, first.at(-1) as number];
  const [one, other] = links.get(source) as [number, number];
  return [follow(links, source, one, target), follow(links, source, other, target)];
}

function follow(
  links: ReadonlyMap<number, readonly number[]>,
  source: number,
  next: number,
  target: number,
): number[] {
  const path = [source];
  for (let node = next; ; node = links.get(node)?.[0] as number) {
    path.push(node);
    if (node === target) return path;
  }
}

function weigh(graph: Graph, nodes: readonly number[]): number {
  return nodes
    .slice(1)
    .reduce((sum, node, index) => sum + arcWeightUs(graph, nodes[index] as number, node), 0);
}
