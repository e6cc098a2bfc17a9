/** Children per node. Four make the heap half as deep as two, and lie in one cache line. */
const ARITY = 4;

/**
 * A minimum heap of nodes by cost, in typed arrays: no allocation while it runs. A node may be in it several
 * times; whoever takes it out ignores all but the cheapest.
 */
export class MinHeap {
  readonly #costs: Float64Array;
  readonly #nodes: Uint32Array;
  #size = 0;

  /** @param capacity the most entries it will ever hold at once. */
  constructor(capacity: number) {
    this.#costs = new Float64Array(capacity);
    this.#nodes = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The lowest cost inside; Infinity when empty. */
  get minCost(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#costs[0] as number);
  }

  push(cost: number, node: number): void {
    let hole = this.#size++;
    while (hole > 0) {
      const parent = Math.trunc((hole - 1) / ARITY);
      if ((this.#costs[parent] as number) <= cost) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, cost, node);
  }

  /** Takes out a node of the lowest cost. The heap must not be empty. */
  pop(): number {
    const node = this.#nodes[0] as number;
    const last = --this.#size;
    if (last > 0) this.#sink(this.#costs[last] as number, this.#nodes[last] as number);
    return node;
  }

  /** Puts an entry where it belongs, from the root down. */
  #sink(cost: number, node: number): void {
    let hole = 0;
    for (let child = this.#leastChild(hole); child !== -1; child = this.#leastChild(hole)) {
      if ((this.#costs[child] as number) >= cost) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, cost, node);
  }

  #leastChild(parent: number): number {
    const first = parent * ARITY + 1;
    if (first >= this.#size) return -1;
    const end = Math.min(first + ARITY, this.#size);
    let least = first;
    for (let child = first + 1; child < end; child++) {
      if ((this.#costs[child] as number) < (this.#costs[least] as number)) least = child;
    }
    return least;
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#costs[from] as number, this.#nodes[from] as number);
  }

  #put(at: number, cost: number, node: number): void {
    this.#costs[at] = cost;
    this.#nodes[at] = node;
  }
}
