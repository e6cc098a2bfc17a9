import type { Item } from "./item.ts";

/** What was received and is not committed yet, by number, without gaps: from `cursor + 1` to `received`. */
export class Backlog<Body> {
  #epoch = "";
  #cursor = 0;
  #received = 0;
  #items = new Map<number, Item<Body>>();
  #ids = new Set<string>();

  get epoch(): string {
    return this.#epoch;
  }

  /** All up to this one are committed. */
  get cursor(): number {
    return this.#cursor;
  }

  get received(): number {
    return this.#received;
  }

  /** Starts at a cursor. @returns what was held, and is dropped. */
  begin(epoch: string, cursor: number): Item<Body>[] {
    const dropped = this.items();
    this.#epoch = epoch;
    this.#cursor = cursor;
    this.#received = cursor;
    this.#items = new Map();
    this.#ids = new Set();
    return dropped;
  }

  items(): Item<Body>[] {
    return [...this.#items.values()];
  }

  /** Takes the message after the last one. */
  add(item: Item<Body>): void {
    this.#received = item.seq;
    this.#items.set(item.seq, item);
    this.#ids.add(item.id);
  }

  has(item: Item<Body>): boolean {
    return this.#items.get(item.seq) === item;
  }

  /** Whether a message with that id is here: published twice, and the first is still being processed. */
  holds(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Those right after the cursor that are done. */
  firstDone(): Item<Body>[] {
    const done: Item<Body>[] = [];
    for (let seq = this.#cursor + 1; ; seq++) {
      const item = this.#items.get(seq);
      if (!item?.isDone) return done;
      done.push(item);
    }
  }

  /** They are committed: the cursor moves over those that are still held. */
  commit(items: readonly Item<Body>[]): void {
    for (const item of items) {
      if (!this.has(item)) continue;
      this.#items.delete(item.seq);
      this.#cursor = item.seq;
      this.#ids.delete(item.id);
    }
  }
}
