import { seededRng } from "@net/core";

/** The longest time on one link, in ms. */
const MOST_DELAY = 40;

/** Of each way, in ms: the same both ways. */
export function delays(seed: number): (from: string, to: string) => number {
  return (from, to) => {
    const way = [from, to].sort().join();
    const salt = [...way].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed);
    return 1 + Math.floor(seededRng(salt).next() * MOST_DELAY);
  };
}
