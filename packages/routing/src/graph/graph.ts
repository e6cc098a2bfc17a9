/**
 * A graph of links in typed arrays. Ids are interned: inside, a node is a number. A link is two arcs, one a
 * direction, each with a cost of its own; there is at most one link between two nodes.
 *
 * The arcs of a node lie side by side, {@link ARC_WORDS} words each, from `starts[node]` on, in two arrays: `arcs` is what
 * a search reads, and as small as can be; `backs` is what leads the other way.
 *
 * | array | word 0 | word 1 |
 * | ----- | ------ | ------ |
 * | `arcs` | the target | the cost from the node to the target, µs |
 * | `backs` | where the opposite arc begins | the cost of the opposite arc, µs |
 *
 * `rooms` says for how many arcs there is space before a node's block must move; what moved leaves a hole, and many
 * holes make all be packed anew. Maintained by the functions of this folder only.
 */
export interface Graph {
  /** By node; undefined for one that was removed. */
  readonly ids: (string | undefined)[];
  readonly nodes: Map<string, number>;
  /** Nodes that were removed, to be given to new ids. */
  readonly free: number[];
  starts: Uint32Array;
  degrees: Uint32Array;
  rooms: Uint32Array;
  /** 1 for a node that passes on what is for others; 0 for one that is only ever an end of a way. */
  relays: Uint8Array;
  arcs: Uint32Array;
  backs: Uint32Array;
  /** How much of `arcs` is given to nodes, holes included. */
  used: number;
  /** How much of that is holes. */
  wasted: number;
}

export const ARC_WORDS = 2;
const MIN_NODES = 16;
/** Arcs for which a node has space at first. */
export const FIRST_ROOM = 4;

export function createGraph(nodeCapacity: number = MIN_NODES, arcCapacity: number = 0): Graph {
  const nodes = Math.max(MIN_NODES, nodeCapacity);
  const words = Math.max(nodes * FIRST_ROOM, arcCapacity) * ARC_WORDS;
  return {
    ids: [],
    nodes: new Map(),
    free: [],
    starts: new Uint32Array(nodes),
    degrees: new Uint32Array(nodes),
    rooms: new Uint32Array(nodes),
    relays: new Uint8Array(nodes),
    arcs: new Uint32Array(words),
    backs: new Uint32Array(words),
    used: 0,
    wasted: 0,
  };
}

/** How many numbers are given to nodes, removed ones included: what arrays by node must hold. */
export function nodeLimit(graph: Graph): number {
  return graph.ids.length;
}

/** The node of that id, a new one without links that relays if there was none. */
export function addNode(graph: Graph, id: string): number {
  const known = graph.nodes.get(id);
  if (known !== undefined) return known;
  const node = graph.free.pop() ?? graph.ids.length;
  if (node === graph.starts.length) growNodes(graph);
  graph.ids[node] = id;
  graph.nodes.set(id, node);
  graph.relays[node] = 1;
  return node;
}

/**
 * Takes a node without links out. Its number is given to no other until it is pushed on `free`: shortest paths may
 * still have to forget it.
 */
export function removeNode(graph: Graph, node: number): void {
  graph.nodes.delete(graph.ids[node] as string);
  graph.ids[node] = undefined;
}

/** Where the arc between two nodes begins in `arcs`; -1 if there is none. */
export function findArc(graph: Graph, from: number, to: number): number {
  const { backs, degrees } = graph;
  if ((degrees[to] as number) < (degrees[from] as number)) {
    const back = scanArcs(graph, to, from);
    return back === -1 ? -1 : (backs[back] as number);
  }
  return scanArcs(graph, from, to);
}

function scanArcs({ starts, degrees, arcs }: Graph, from: number, to: number): number {
  const end = (starts[from] as number) + (degrees[from] as number) * ARC_WORDS;
  for (let arc = starts[from] as number; arc < end; arc += ARC_WORDS) {
    if (arcs[arc] === to) return arc;
  }
  return -1;
}

function growNodes(graph: Graph): void {
  const size = Math.ceil(graph.starts.length * 1.5);
  graph.starts = grownCopy(graph.starts, size);
  graph.degrees = grownCopy(graph.degrees, size);
  graph.rooms = grownCopy(graph.rooms, size);
  const relays = new Uint8Array(size);
  relays.set(graph.relays);
  graph.relays = relays;
}

/** The same numbers, with room for more behind them. */
export function grownCopy(array: Uint32Array, size: number): Uint32Array {
  const grown = new Uint32Array(size);
  grown.set(array);
  return grown;
}
