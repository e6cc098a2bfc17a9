/** A name that is this many letters off may be a slip of the finger. */
const MAX_SLIPS = 3;

/** The name that is fewest slips away, if there is one within reach: a third of the letters, three at most. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.min(MAX_SLIPS, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    // As many letters as one name is longer must be put in at least: a name without end is not even compared.
    if (Math.abs(name.length - candidate.length) >= fewest) continue;
    const slips = distance(name.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best;
}

/** How many letters were put in, left out, changed, or swapped with the next: optimal string alignment. */
function distance(one: string, other: string): number {
  let [beforeLast, last]: number[][] = [[], Array.from({ length: other.length + 1 }, (_, i) => i)];
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let at = 1; at <= other.length; at++) {
      const change = slips(last, at - 1) + (one[row - 1] === other[at - 1] ? 0 : 1);
      const isSwapped = one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      const swap = isSwapped ? slips(beforeLast, at - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(change, swap, slips(last, at) + 1, slips(next, at - 1) + 1));
    }
    [beforeLast, last] = [last, next];
  }
  return slips(last, other.length);
}

function slips(row: readonly number[] | undefined, at: number): number {
  return row?.[at] ?? Number.POSITIVE_INFINITY;
}
