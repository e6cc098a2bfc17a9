import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";
import { createHeap, growHeap, type Heap, rise, sink } from "../graph/heap.ts";
import { precedes, upperHalves } from "../graph/shortest-path-tree.ts";
import { HOP_WEIGHT_US } from "../graph/weight.ts";

/** A way through the graph. */
export interface NodePath {
  /** Both ends included. */
  readonly nodes: readonly number[];
  /** See graph/weight.ts. */
  readonly weightUs: number;
}

/** What a search must not use. */
export interface Obstacles {
  /** 1 for nodes on which no way may be. */
  readonly nodes?: Uint8Array | undefined;
  /** Nodes to which no way may go straight from its source. */
  readonly afterSource?: ReadonlySet<number> | undefined;
}

/** Looks for single ways, again and again, without allocating or clearing arrays. */
export class PathSearch {
  readonly #graph: Graph;
  readonly #weightsUs: Float64Array;
  readonly #parents: Int32Array;
  /** Which search wrote a node's weight and parent. */
  readonly #round: Uint32Array;
  readonly #heap: Heap = createHeap();
  readonly #key = new Float64Array(1);
  readonly #keyHalf = upperHalves(this.#key);
  #rounds = 0;

  constructor(graph: Graph) {
    // With room for nodes to come.
    const size = graph.starts.length;
    this.#graph = graph;
    this.#weightsUs = new Float64Array(size);
    this.#parents = new Int32Array(size);
    this.#round = new Uint32Array(size);
  }

  /** Whether the graph has outgrown it: then another one is needed. */
  get isOutgrown(): boolean {
    return nodeLimit(this.#graph) > this.#weightsUs.length;
  }

  /**
   * The best way from one node to another; ties are broken as everywhere.
   *
   * @param remainingUs for each node, what the way from there to the target weighs at least: where the search knows that,
   *   it hardly looks anywhere else (A*, with exact figures where nothing is in the way). Must be consistent.
   */
  find(
    from: number,
    to: number,
    { nodes, afterSource }: Obstacles,
    remainingUs?: Float64Array,
  ): NodePath | undefined {
    this.#begin(from, remainingUs);
    for (let node = this.#next(); node !== -1; node = this.#next()) {
      if (this.#isBehind(to, node, remainingUs)) break;
      if (node === to || (this.#graph.relays[node] === 0 && node !== from)) continue;
      this.#expand(node, node === from ? afterSource : undefined, nodes, remainingUs);
    }
    this.#heap.size = 0;
    return this.#round[to] === this.#rounds ? this.#pathTo(from, to) : undefined;
  }

  #begin(from: number, remainingUs: Float64Array | undefined): void {
    this.#rounds += 1;
    this.#weightsUs[from] = 0;
    this.#parents[from] = -1;
    this.#round[from] = this.#rounds;
    this.#push(from, remainingUs);
  }

  /** The next node in turn; -1 when there is none. One that got better meanwhile may come twice. */
  #next(): number {
    const heap = this.#heap;
    if (heap.size === 0) return -1;
    const { entries } = heap;
    const node = entries[1] as number;
    const size = --heap.size;
    if (size > 0) sink(entries, size, entries[size * 2] as number, entries[size * 2 + 1] as number);
    return node;
  }

  /** Whether all that could still come is surely worse than what is known. Keys are rounded, so equal is not enough. */
  #isBehind(to: number, node: number, remainingUs: Float64Array | undefined): boolean {
    if (this.#round[to] !== this.#rounds) return false;
    return this.#keyOf(node, remainingUs) > this.#keyOf(to, remainingUs);
  }

  #expand(
    node: number,
    except: ReadonlySet<number> | undefined,
    closed: Uint8Array | undefined,
    remainingUs: Float64Array | undefined,
  ): void {
    const { arcs, starts, degrees } = this.#graph;
    const overUs = (this.#weightsUs[node] as number) + HOP_WEIGHT_US;
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      const target = arcs[arc] as number;
      if (closed?.[target] === 1 || except?.has(target)) continue;
      if (remainingUs?.[target] === Number.POSITIVE_INFINITY) continue;
      this.#offer(target, node, overUs + (arcs[arc + 1] as number), remainingUs);
    }
  }

  #offer(
    target: number,
    over: number,
    weightUs: number,
    remainingUs: Float64Array | undefined,
  ): void {
    const known = this.#round[target] === this.#rounds;
    const knownUs = known ? (this.#weightsUs[target] as number) : Number.POSITIVE_INFINITY;
    if (weightUs > knownUs) return;
    if (weightUs === knownUs && !precedes(this.#graph.ids, over, this.#parents[target] as number))
      return;
    this.#weightsUs[target] = weightUs;
    this.#parents[target] = over;
    this.#round[target] = this.#rounds;
    if (weightUs < knownUs) this.#push(target, remainingUs);
  }

  #push(node: number, remainingUs: Float64Array | undefined): void {
    const heap = this.#heap;
    if ((heap.size + 1) * 2 > heap.entries.length) growHeap(heap);
    rise(heap.entries, heap.size++, this.#keyOf(node, remainingUs), node);
  }

  /** What the heap orders by: the upper half of a lower bound of the whole way's weight. */
  #keyOf(node: number, remainingUs: Float64Array | undefined): number {
    this.#key[0] = (this.#weightsUs[node] as number) + (remainingUs?.[node] ?? 0);
    return this.#keyHalf[0] as number;
  }

  #pathTo(from: number, to: number): NodePath {
    const nodes: number[] = [];
    for (let at = to; at !== from; at = this.#parents[at] as number) nodes.push(at);
    nodes.push(from);
    return { nodes: nodes.reverse(), weightUs: this.#weightsUs[to] as number };
  }
}
