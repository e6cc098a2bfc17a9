import { isRecord, ValidationError } from "@net/core";
import { invalid } from "../names.ts";

/** A name that is this many letters off may be a slip of the finger. */
const MAX_SLIPS = 3;

/**
 * Refuses options that do not exist: one that is spelled wrongly would else be as good as not given.
 *
 * @param known has a property for each option there is.
 * @param what whose options these are.
 * @throws ValidationError naming the nearest option.
 */
export function assertKnown(given: unknown, known: object, what: string): void {
  if (!isRecord(given)) throw invalid(what, "an object");
  const names = Object.keys(known);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, names);
  const hint = near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
  const message = `${what} has no option ${unknown}: ${hint}`;
  throw new ValidationError(message, { issues: [{ message: hint, path: [unknown] }] });
}

/** The name that is fewest slips away, if there is one within reach. */
function nearest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.min(MAX_SLIPS, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
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
