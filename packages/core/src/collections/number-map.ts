/** Slots at the beginning; always a power of two. */
const MIN_SLOTS = 16;
/** Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): numbers in a row are spread evenly. */
const GOLDEN = 0x9e3779b1;
const FREE = -1;

/**
 * A map from whole numbers, 0 or more, for entries that come and go all the time. V8 links the tables that a `Map` outgrows
 * to the ones after them, so that what was deleted lives on until the next major garbage collection; here nothing of it is
 * left. Open addressing with linear probing, at most half full; what is deleted is filled from behind (Knuth's algorithm R).
 */
export class NumberMap<V> {
  #keys: Float64Array = emptyKeys(MIN_SLOTS);
  #values: (V | undefined)[] = emptyValues(MIN_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): V | undefined {
    return this.#values[this.#find(key)];
  }

  has(key: number): boolean {
    return this.#keys[this.#find(key)] === key;
  }

  set(key: number, value: V): void {
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    const slot = this.#find(key);
    if (this.#keys[slot] !== key) this.#size += 1;
    this.#keys[slot] = key;
    this.#values[slot] = value;
  }

  /** @returns whether it was there. */
  delete(key: number): boolean {
    const slot = this.#find(key);
    if (this.#keys[slot] !== key) return false;
    this.#size -= 1;
    this.#fill(slot);
    return true;
  }

  /** Those that are there now, in no particular order; who comes or leaves meanwhile changes nothing of that. */
  values(): V[] {
    return this.#values.filter((_value, slot) => this.#keys[slot] !== FREE) as V[];
  }

  /** Where that key is, or would be. */
  #find(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = home(key, mask);
    while (this.#keys[slot] !== key && this.#keys[slot] !== FREE) slot = (slot + 1) & mask;
    return slot;
  }

  /** Moves those behind a slot that became free to where they are found without it. */
  #fill(freed: number): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let free = freed;
    for (let slot = (free + 1) & mask; keys[slot] !== FREE; slot = (slot + 1) & mask) {
      const from = home(keys[slot] as number, mask);
      // Whoever belongs between the gap and its place is found as it is.
      if (((slot - from) & mask) < ((slot - free) & mask)) continue;
      keys[free] = keys[slot] as number;
      this.#values[free] = this.#values[slot];
      free = slot;
    }
    keys[free] = FREE;
    this.#values[free] = undefined;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = emptyKeys(keys.length * 2);
    this.#values = emptyValues(keys.length * 2);
    for (const [old, key] of keys.entries()) {
      if (key === FREE) continue;
      const slot = this.#find(key);
      this.#keys[slot] = key;
      this.#values[slot] = values[old];
    }
  }
}

function home(key: number, mask: number): number {
  return (Math.imul(key, GOLDEN) >>> 8) & mask;
}

function emptyKeys(slots: number): Float64Array {
  return new Float64Array(slots).fill(FREE);
}

function emptyValues<V>(slots: number): (V | undefined)[] {
  return new Array<V | undefined>(slots).fill(undefined);
}
