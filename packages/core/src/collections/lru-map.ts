interface Entry<V> {
  value: V;
  usedAt: number;
}

/**
 * A map with at most `max` entries: the one that was used longest ago makes room. For few entries that are used often and
 * seldom change: using one costs no more than in a `Map`, making room looks at all of them.
 */
export class LruMap<K, V> {
  readonly #max: number;
  readonly #entries = new Map<K, Entry<V>>();
  #uses = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Looks it up, and so uses it. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.usedAt = ++this.#uses;
    return entry.value;
  }

  set(key: K, value: V): void {
    const entry = this.#entries.get(key);
    if (entry) {
      entry.value = value;
      entry.usedAt = ++this.#uses;
      return;
    }
    if (this.#entries.size >= this.#max) this.#makeRoom();
    this.#entries.set(key, { value, usedAt: ++this.#uses });
  }

  #makeRoom(): void {
    let oldest: K | undefined;
    let oldestAt = Number.POSITIVE_INFINITY;
    for (const [key, { usedAt }] of this.#entries) {
      if (usedAt >= oldestAt) continue;
      oldest = key;
      oldestAt = usedAt;
    }
    this.#entries.delete(oldest as K);
  }
}
