import type { Neighbour } from "../neighbour.ts";

/** `eager`: a branch of the tree, broadcasts go over it at once. `lazy`: what there is, is only announced. */
type State = "eager" | "lazy";

export interface TreeLinksOptions {
  /** Whether this peer passes on what is for others. */
  readonly relay: boolean;
  /** Whether that one does. */
  readonly relays: (neighbour: Neighbour) => boolean;
  /** Tells a neighbour that its link is a branch, or is none. */
  readonly tell: (neighbour: Neighbour, kind: "graft" | "prune") => void;
}

/**
 * Which links are branches of the tree. All are at first, and the first broadcast finds out which are superfluous. One
 * who does not relay is a leaf: one branch to a relay is enough for it, from the beginning.
 */
export class TreeLinks {
  readonly #options: TreeLinksOptions;
  readonly #states = new Map<Neighbour, State>();

  constructor(options: TreeLinksOptions) {
    this.#options = options;
  }

  get all(): IterableIterator<Neighbour> {
    return this.#states.keys();
  }

  get size(): number {
    return this.#states.size;
  }

  get eagerCount(): number {
    return [...this.#states.values()].filter((state) => state === "eager").length;
  }

  has(neighbour: Neighbour): boolean {
    return this.#states.has(neighbour);
  }

  isEager(neighbour: Neighbour): boolean {
    return this.#states.get(neighbour) === "eager";
  }

  add(neighbour: Neighbour): void {
    const { relay, relays, tell } = this.#options;
    const isSpare = !relay && relays(neighbour) && this.#parents().length > 0;
    this.#states.set(neighbour, isSpare ? "lazy" : "eager");
    if (isSpare) tell(neighbour, "prune");
  }

  /** A leaf that has lost its branch takes another at once. */
  remove(neighbour: Neighbour): void {
    const { relay, relays, tell } = this.#options;
    this.#states.delete(neighbour);
    if (relay || this.#parents().length > 0) return;
    const parent = [...this.#states.keys()].find((other) => relays(other));
    if (!parent) return;
    this.promote(parent);
    tell(parent, "graft");
  }

  /**
   * Makes a link a branch. A leaf then gives up the one it had: if it sent what it says over two, both waves would meet
   * somewhere among the relays, and cut their tree there, though the circle was closed by the leaf alone.
   */
  promote(neighbour: Neighbour): void {
    if (this.isEager(neighbour) || !this.#states.has(neighbour)) return;
    const { relay, relays, tell } = this.#options;
    const given = relay || !relays(neighbour) ? [] : this.#parents();
    this.#states.set(neighbour, "eager");
    for (const parent of given) {
      this.demote(parent);
      tell(parent, "prune");
    }
  }

  demote(neighbour: Neighbour): void {
    if (this.#states.has(neighbour)) this.#states.set(neighbour, "lazy");
  }

  clear(): void {
    this.#states.clear();
  }

  /** The relays to which there is a branch. */
  #parents(): readonly Neighbour[] {
    const { relays } = this.#options;
    return [...this.#states.keys()].filter((other) => this.isEager(other) && relays(other));
  }
}
