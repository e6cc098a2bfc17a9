/** Gives each name once: who comes later gets a number, from 2 on. */
export class DistinctNames {
  readonly #isTaken: (name: string) => boolean;
  readonly #given = new Set<string>();
  /** The next number by name: many may wish for the same. */
  readonly #next = new Map<string, number>();

  /** @param isTaken names that nobody gets. */
  constructor(isTaken: (name: string) => boolean) {
    this.#isTaken = isTaken;
  }

  take(wished: string): string {
    let name = wished;
    let number = this.#next.get(wished) ?? 2;
    for (; this.#given.has(name) || this.#isTaken(name); number++) name = `${wished}${number}`;
    this.#next.set(wished, number);
    this.#given.add(name);
    return name;
  }
}
