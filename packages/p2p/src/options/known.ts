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

/** Levenshtein's: letters put in, left out or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 0; at < other.length; at++) {
      const change = (row[at] ?? 0) + (letter === other[at] ? 0 : 1);
      next.push(Math.min(change, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
