/** One who listens. Disposing of it takes it away again, wherever in the list it is. */
class Entry<Value> implements Disposable {
  readonly listener: (value: Value) => void;
  next: Entry<Value> | undefined;
  previous: Entry<Value> | undefined;
  #list: Listeners<Value> | undefined;

  constructor(list: Listeners<Value>, listener: (value: Value) => void) {
    this.#list = list;
    this.listener = listener;
  }

  [Symbol.dispose](): void {
    this.#list?.remove(this);
    this.#list = undefined;
  }
}

/** Those who are to be called once: one object each, so that a call may have several at little cost. */
export class Listeners<Value> {
  #first: Entry<Value> | undefined;
  #last: Entry<Value> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(listener: (value: Value) => void): Disposable {
    const entry = new Entry(this, listener);
    entry.previous = this.#last;
    if (this.#last) this.#last.next = entry;
    else this.#first = entry;
    this.#last = entry;
    return entry;
  }

  /** What an entry does that is disposed of. */
  remove(entry: Entry<Value>): void {
    if (entry.previous) entry.previous.next = entry.next;
    else this.#first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else this.#last = entry.previous;
  }

  /** Calls each that is still there when its turn comes, in the order they came, and lets go of it. */
  call(value: Value): void {
    for (let entry = this.#first; entry; entry = this.#first) {
      entry[Symbol.dispose]();
      entry.listener(value);
    }
  }
}
