/** How often each word occurs. Entries, not an object: a text may hold the word `__proto__`. */
export type WordCounts = readonly (readonly [word: string, count: number])[];

const word = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;

/** Counts the words of a UTF-8 text, without regard to case; the most frequent first, then by the alphabet. */
export function countWords(bytes: Uint8Array): WordCounts {
  const counts = new Map<string, number>();
  for (const [match] of new TextDecoder().decode(bytes).matchAll(word)) {
    const key = match.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return sorted(counts);
}

/** The counts of a text from the counts of its pieces. */
export function mergeCounts(pieces: readonly WordCounts[]): WordCounts {
  const counts = new Map<string, number>();
  for (const [key, count] of pieces.flat()) counts.set(key, (counts.get(key) ?? 0) + count);
  return sorted(counts);
}

/** Cuts a text into about `count` pieces, at line ends, so that no word is torn. */
export function splitLines(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = Math.max(1, Math.ceil(bytes.length / count));
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, Math.min(start + size, bytes.length) - 1);
    const end = newline === -1 ? bytes.length : newline + 1;
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}

function sorted(counts: ReadonlyMap<string, number>): WordCounts {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
