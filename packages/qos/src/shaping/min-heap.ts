/** What a heap holds: it remembers its own place, so that it can be taken out of the middle. */
export interface HeapItem {
  /** −1 while it is in no heap. An item is in one heap at a time. */
  heapIndex: number;
}

/** A binary heap, the least on top; adding and removing any item take `log n` steps. */
export class MinHeap<Item extends HeapItem> {
  readonly #items: Item[] = [];
  readonly #keyOf: (item: Item) => number;

  /** @param keyOf what it is ordered by; must not change while an item is in the heap. */
  constructor(keyOf: (item: Item) => number) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least item. */
  get top(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    this.#rise(item, this.#items.length);
  }

  /** Takes out an item; one that is in no heap is ignored. */
  remove(item: Item): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.#items.pop() as Item;
    if (last === item) return;
    // The last one takes its place, from where it may have to go either way.
    this.#sink(last, index);
    if (last.heapIndex === index) this.#rise(last, index);
  }

  #rise(item: Item, from: number): void {
    const key = this.#keyOf(item);
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#items[above] as Item;
      if (this.#keyOf(parent) <= key) break;
      this.#put(parent, index);
      index = above;
    }
    this.#put(item, index);
  }

  #sink(item: Item, from: number): void {
    const key = this.#keyOf(item);
    let index = from;
    for (;;) {
      const child = this.#leastChild(index);
      if (!child || this.#keyOf(child) >= key) break;
      const below = child.heapIndex;
      this.#put(child, index);
      index = below;
    }
    this.#put(item, index);
  }

  #leastChild(index: number): Item | undefined {
    const left = this.#items[2 * index + 1];
    const right = this.#items[2 * index + 2];
    if (!left || !right) return left;
    return this.#keyOf(right) < this.#keyOf(left) ? right : left;
  }

  #put(item: Item, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
