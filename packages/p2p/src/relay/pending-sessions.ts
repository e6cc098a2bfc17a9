import type { Path } from "../wire/routed.ts";

/** The most handshakes of sessions, begun by others, under way at the same time. */
const MAX_PENDING = 64;

/**
 * Places for handshakes that others begin through relays. Who they say they are is not proven yet, only that the frame came
 * through that neighbour, and to an honest one through the peer before it. So each branch of the paths gets at most half of
 * the places of the one it hangs on: whoever makes up any number of peers behind him leaves room for all others.
 */
export class PendingSessions {
  readonly #counts = new Map<string, number>();

  /**
   * @param path from this peer to the one that wants a session.
   * @returns the place, to be disposed of when the handshake is over; undefined if there is none.
   */
  enter(path: Path): Disposable | undefined {
    const branches = branchesOf(path);
    const isFull = branches.some((branch, depth) => this.#count(branch) >= placesAt(depth));
    if (isFull) return undefined;
    this.#add(branches, 1);
    return { [Symbol.dispose]: () => this.#add(branches, -1) };
  }

  #count(branch: string): number {
    return this.#counts.get(branch) ?? 0;
  }

  #add(branches: readonly string[], change: number): void {
    for (const branch of branches) {
      const count = this.#count(branch) + change;
      if (count > 0) this.#counts.set(branch, count);
      else this.#counts.delete(branch);
    }
  }
}

/** This peer itself, its neighbour, and so on. Ids hold no control characters. */
function branchesOf(path: Path): string[] {
  return path.map((_, index) => path.slice(0, index + 1).join("\n"));
}

function placesAt(depth: number): number {
  return Math.max(1, MAX_PENDING >> depth);
}
