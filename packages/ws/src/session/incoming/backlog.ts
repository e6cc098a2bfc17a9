import type { Item } from "./item.ts";

/** What was received and is not committed yet, by number, without gaps: from `cursor + 1` to `received`. */
export class Backlog<Body> {
  #epoch = "";
  #cursor = 0;
  #received = 0;
  /** From `cursor + 1` on. */
  #items: Item<Body>[] = [];
  /** Theirs; not there before the first message. */
  #ids: Set<string> | undefined;

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
  begin(epoch: string, cursor: number): readonly Item<Body>[] {
    const dropped = this.#items;
    this.#epoch = epoch;
    this.#cursor = cursor;
    this.#received = cursor;
    this.#items = [];
    this.#ids = undefined;
    return dropped;
  }

  get items(): readonly Item<Body>[] {
    return this.#items;
  }

  /** Takes the message after the last one. */
  add(item: Item<Body>): void {
    this.#received = item.seq;
    this.#items.push(item);
    this.#ids ??= new Set();
    this.#ids.add(item.id);
  }

  has(item: Item<Body>): boolean {
    return this.#items[item.seq - this.#cursor - 1] === item;
  }

  /** Whether a message with that id is here: published twice, and the first is still being processed. */
  holds(id: string): boolean {
    return this.#ids?.has(id) === true;
  }

  /** Those right after the cursor that are done. */
  firstDone(): Item<Body>[] {
    const end = this.#items.findIndex(({ isDone }) => !isDone);
    return end === -1 ? [...this.#items] : this.#items.slice(0, end);
  }

  /** The first ones are committed, and the cursor moves over them; unless they are no longer held. */
  commit(items: readonly Item<Body>[]): void {
    const [first] = items;
    if (!first || !this.has(first)) return;
    this.#items.splice(0, items.length);
    this.#cursor += items.length;
    for (const { id } of items) this.#ids?.delete(id);
  }
}
