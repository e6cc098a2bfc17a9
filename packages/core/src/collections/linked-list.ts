/** A value's place in a list. Removing it twice does nothing. */
export class ListEntry<T> implements Disposable {
  readonly value: T;
  next: ListEntry<T> | undefined = undefined;
  previous: ListEntry<T> | undefined = undefined;
  list: LinkedList<T> | undefined;

  constructor(list: LinkedList<T>, value: T) {
    this.list = list;
    this.value = value;
  }

  remove(): void {
    this.list?.remove(this);
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}

/**
 * Values in the order they came, each of which can leave from anywhere. For those that come and go all the time: V8 links
 * the tables that a `Set` or `Map` outgrows to the ones after them, so that what was deleted lives on until the next major
 * garbage collection. What has left this list is linked to nothing.
 *
 * @example
 * ```ts
 * const underWay = new LinkedList<Call>();
 * using place = underWay.add(call);
 * underWay.first; // the one that began first
 * ```
 */
export class LinkedList<T> implements Iterable<T> {
  #first: ListEntry<T> | undefined;
  #last: ListEntry<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value that came first of those that are there. */
  get first(): T | undefined {
    return this.#first?.value;
  }

  add(value: T): ListEntry<T> {
    const entry = new ListEntry(this, value);
    entry.previous = this.#last;
    if (this.#last) this.#last.next = entry;
    else this.#first = entry;
    this.#last = entry;
    this.#size += 1;
    return entry;
  }

  /** Takes out the value that came first. */
  takeFirst(): T | undefined {
    const entry = this.#first;
    if (entry) this.remove(entry);
    return entry?.value;
  }

  /** What an entry does that is removed. */
  remove(entry: ListEntry<T>): void {
    if (entry.list !== this) return;
    const { previous, next } = entry;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    entry.previous = undefined;
    entry.next = undefined;
    entry.list = undefined;
    this.#size -= 1;
  }

  /** Those that are there now; who comes or leaves meanwhile changes nothing of that. */
  [Symbol.iterator](): IterableIterator<T> {
    const values: T[] = [];
    for (let entry = this.#first; entry; entry = entry.next) values.push(entry.value);
    return values.values();
  }
}
