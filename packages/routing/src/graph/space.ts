import { ARC_WORDS, FIRST_ROOM, type Graph, grownCopy } from "./graph.ts";

/** Sees to it that the node can take one more arc. */
export function makeRoom(graph: Graph, node: number): void {
  const { degrees, rooms } = graph;
  if ((degrees[node] as number) < (rooms[node] as number)) return;
  const room = Math.max(FIRST_ROOM, Math.ceil((rooms[node] as number) * 1.5));
  if (graph.used + room * ARC_WORDS > graph.arcs.length) makeSpace(graph, room * ARC_WORDS);
  graph.wasted += (rooms[node] as number) * ARC_WORDS;
  moveBlock(graph, node, graph.used);
  rooms[node] = room;
  graph.used += room * ARC_WORDS;
}

function moveBlock({ arcs, backs, starts, degrees }: Graph, node: number, to: number): void {
  const from = starts[node] as number;
  const words = (degrees[node] as number) * ARC_WORDS;
  arcs.copyWithin(to, from, from + words);
  backs.copyWithin(to, from, from + words);
  for (let arc = to; arc < to + words; arc += ARC_WORDS) backs[backs[arc] as number] = arc;
  starts[node] = to;
}

/** Packs the arcs where that helps, else takes half as much memory again. */
function makeSpace(graph: Graph, words: number): void {
  if (graph.wasted * 4 > graph.used) packArcs(graph);
  const needed = graph.used + words;
  if (needed <= graph.arcs.length) return;
  const size = Math.max(needed, Math.ceil(graph.arcs.length * 1.5));
  graph.arcs = grownCopy(graph.arcs, size);
  graph.backs = grownCopy(graph.backs, size);
}

/** Lays the blocks side by side, without holes, each with the room it had. */
function packArcs(graph: Graph): void {
  const { ids, starts, degrees, rooms } = graph;
  const shifts = new Int32Array(ids.length);
  const packedStarts = new Uint32Array(starts.length);
  let to = 0;
  for (let node = 0; node < ids.length; node++) {
    packedStarts[node] = to;
    shifts[node] = to - (starts[node] as number);
    to += (rooms[node] as number) * ARC_WORDS;
  }
  const blocks = { starts, degrees, packedStarts };
  graph.arcs = copyBlocks(graph.arcs, blocks, ids.length);
  graph.backs = copyBlocks(graph.backs, blocks, ids.length);
  graph.starts = packedStarts;
  graph.used = to;
  graph.wasted = 0;
  shiftBacks(graph, shifts);
}

function copyBlocks(
  words: Uint32Array,
  { starts, degrees, packedStarts }: Record<"starts" | "degrees" | "packedStarts", Uint32Array>,
  nodes: number,
): Uint32Array {
  const packed = new Uint32Array(words.length);
  for (let node = 0; node < nodes; node++) {
    const start = starts[node] as number;
    const end = start + (degrees[node] as number) * ARC_WORDS;
    packed.set(words.subarray(start, end), packedStarts[node]);
  }
  return packed;
}

/** Every opposite arc has moved by as much as the block of the node it belongs to. */
function shiftBacks({ ids, arcs, backs, starts, degrees }: Graph, shifts: Int32Array): void {
  for (let node = 0; node < ids.length; node++) {
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      backs[arc] = (backs[arc] as number) + (shifts[arcs[arc] as number] as number);
    }
  }
}
