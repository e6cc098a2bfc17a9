/**
 * A minimum heap of nodes by integer key: pairs of key and node, four children each, which lie side by side. Half as
 * deep as with two children. It is lazy: a node whose key falls is put in again, and whoever takes the dearer entry out
 * ignores it.
 *
 * The entry at the top is `entries[0]` (its key) and `entries[1]` (its node). Whoever took it puts another in its place
 * with {@link sink}, or the last one with the size lowered.
 */
export interface Heap {
  size: number;
  entries: Int32Array;
}

const FIRST_CAPACITY = 64;

export function createHeap(capacity: number = FIRST_CAPACITY): Heap {
  return { size: 0, entries: new Int32Array(capacity * 2) };
}

/** Twice the room; the entries are another array from now on. */
export function growHeap(heap: Heap): Int32Array {
  const entries = new Int32Array(heap.entries.length * 2);
  entries.set(heap.entries);
  heap.entries = entries;
  return entries;
}

/** Puts an entry at the end, at position `hole`, and lets it rise to its place. */
export function rise(entries: Int32Array, hole: number, key: number, node: number): void {
  let at = hole;
  while (at > 0) {
    const parent = (at - 1) >> 2;
    const parentKey = entries[parent * 2] as number;
    if (parentKey <= key) break;
    entries[at * 2] = parentKey;
    entries[at * 2 + 1] = entries[parent * 2 + 1] as number;
    at = parent;
  }
  entries[at * 2] = key;
  entries[at * 2 + 1] = node;
}

/**
 * Puts an entry in the place of the one at the top, and lets it sink to its place among `size` entries.
 *
 * Which of four children is least cannot be foretold, and a branch that is guessed wrong costs more than all else here:
 * so they are compared by arithmetic. `(b − a) >> 31` is −1 if b is less and 0 if not; keys are 0 or more, so that no
 * difference overflows.
 */
export function sink(entries: Int32Array, size: number, key: number, node: number): void {
  let hole = 0;
  let first = 1;
  for (; first + 3 < size; first = hole * 4 + 1) {
    const a = entries[first * 2] as number;
    const b = entries[first * 2 + 2] as number;
    const c = entries[first * 2 + 4] as number;
    const d = entries[first * 2 + 6] as number;
    const bLess = (b - a) >> 31;
    const dLess = (d - c) >> 31;
    const ab = (a + ((b - a) & bLess)) | 0;
    const cd = (c + ((d - c) & dLess)) | 0;
    const cdLess = (cd - ab) >> 31;
    const leastKey = (ab + ((cd - ab) & cdLess)) | 0;
    if (leastKey >= key) break;
    const least = (first + ((2 & cdLess) - (bLess & ~cdLess) - (dLess & cdLess))) | 0;
    entries[hole * 2] = leastKey;
    entries[hole * 2 + 1] = entries[least * 2 + 1] as number;
    hole = least;
  }
  if (first < size && first + 3 >= size) hole = sinkAtEnd(entries, size, key, hole);
  entries[hole * 2] = key;
  entries[hole * 2 + 1] = node;
}

/** The last step, where a node has fewer than four children. */
function sinkAtEnd(entries: Int32Array, size: number, key: number, hole: number): number {
  let least = hole * 4 + 1;
  for (let child = least + 1; child < size; child++) {
    if ((entries[child * 2] as number) < (entries[least * 2] as number)) least = child;
  }
  if ((entries[least * 2] as number) >= key) return hole;
  entries[hole * 2] = entries[least * 2] as number;
  entries[hole * 2 + 1] = entries[least * 2 + 1] as number;
  return least;
}
