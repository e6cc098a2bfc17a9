import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";

/** Hops over ordered pairs of different nodes between which there is a way. */
export interface HopCounts {
  /** The sum of the fewest hops of each. */
  hops: number;
  pairs: number;
  /** The most of them: the diameter. */
  most: number;
}

/** Bits that a bitwise operation works on at once. */
const WORD_BITS = 32;

/**
 * Counts the hops from each of `sources` to all nodes in `scope`, 32 searches at a time: bit n of a node's word says whether search n
 * has come by, so that one pass over the arcs is a step of them all. After M. Then et al., "The More the Merrier: Efficient
 * Multi-Source Graph Traversal" (VLDB 2014).
 *
 * @param scope default: the sources. One that does not relay may lead out of it, to where others of it do not come.
 */
export function countHops(
  graph: Graph,
  sources: Uint32Array,
  scope: Uint32Array = sources,
): HopCounts {
  const counts: HopCounts = { hops: 0, pairs: 0, most: 0 };
  const size = nodeLimit(graph);
  const words = {
    seen: new Int32Array(size),
    front: new Int32Array(size),
    next: new Int32Array(size),
    isInScope: new Uint8Array(size),
  };
  for (const node of scope) words.isInScope[node] = 1;
  for (let from = 0; from < sources.length; from += WORD_BITS) {
    search(graph, sources.subarray(from, from + WORD_BITS), words, counts);
  }
  return counts;
}

interface Words {
  /** Which searches have been at a node, */
  readonly seen: Int32Array;
  /** which came with the last step, */
  front: Int32Array;
  /** which come with this one. */
  next: Int32Array;
  /** Whether those are counted that come to a node. */
  readonly isInScope: Uint8Array;
}

function search(graph: Graph, sources: Uint32Array, words: Words, counts: HopCounts): void {
  words.seen.fill(0);
  words.front.fill(0);
  for (const [bit, source] of sources.entries()) {
    words.seen[source] = (words.seen[source] as number) | (1 << bit);
    words.front[source] = (words.front[source] as number) | (1 << bit);
  }
  for (let depth = 1; ; depth++) {
    words.next.fill(0);
    spread(graph, words, depth === 1);
    if (!arrive(words, depth, counts)) return;
    [words.front, words.next] = [words.next, words.front];
  }
}

/** One step of all searches. Only the first may start from a node that does not relay. */
function spread(
  { arcs, starts, degrees, relays }: Graph,
  { front, next }: Words,
  first: boolean,
): void {
  for (let node = 0; node < front.length; node++) {
    const bits = front[node] as number;
    if (bits === 0 || (relays[node] === 0 && !first)) continue;
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      const target = arcs[arc] as number;
      next[target] = (next[target] as number) | bits;
    }
  }
}

/** Leaves in `next` only what had not been seen, and counts it; false if that is nothing. */
function arrive({ seen, next, isInScope }: Words, depth: number, counts: HopCounts): boolean {
  let any = 0;
  let arrived = 0;
  for (let node = 0; node < next.length; node++) {
    const fresh = (next[node] as number) & ~(seen[node] as number);
    next[node] = fresh;
    if (fresh === 0) continue;
    any |= fresh;
    seen[node] = (seen[node] as number) | fresh;
    if (isInScope[node] === 1) arrived += bitCount(fresh);
  }
  counts.pairs += arrived;
  counts.hops += arrived * depth;
  if (arrived > 0) counts.most = Math.max(counts.most, depth);
  return any !== 0;
}

/** How many bits of a word are set (H. S. Warren, "Hacker's Delight", 5–1). */
function bitCount(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
