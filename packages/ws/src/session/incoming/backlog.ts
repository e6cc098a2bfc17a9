import type { Item } from "./item.ts";

/** What was received and is not committed yet, by number, without gaps: from `cursor + 1` to `received`. */
export class Backlog<Body> {
  #epoch = "";
  #cursor = 0;
  #received = 0;
  /** From `cursor + 1` on. */
  #items: Item<Body>[] = [];
  /** How many of them, from the first on, are known to be done. */
  #done = 0;
  /** Theirs; there once somebody has looked for one, until there is nothing here. */
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
    this.#done = 0;
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
    this.#ids?.add(item.id);
  }

  has(item: Item<Body>): boolean {
    return this.#items[item.seq - this.#cursor - 1] === item;
  }

  /** Whether a message with that id is here: published twice, and the first is still being processed. */
  holds(id: string): boolean {
    if (this.#items.length === 0) return false;
    this.#ids ??= new Set(this.#items.map((item) => item.id));
    return this.#ids.has(id);
  }

  /** Whether all before it are done. */
  isFirst(item: Item<Body>): boolean {
    return item.seq - this.#cursor - 1 === this.#countDone();
  }

  /** Those right after the cursor that are done. */
  firstDone(): Item<Body>[] {
    return this.#items.slice(0, this.#countDone());
  }

  /** They are not done after all: they, and perhaps others, are to be looked at again. */
  takeBack(items: readonly Item<Body>[]): void {
    for (const item of items) item.isDone = false;
    this.#done = 0;
  }

  /** The first ones are committed, and the cursor moves over them; unless they are no longer held. */
  commit(items: readonly Item<Body>[]): void {
    const [first] = items;
    if (!first || !this.has(first)) return;
    this.#items.splice(0, items.length);
    this.#cursor += items.length;
    this.#done = Math.max(0, this.#done - items.length);
    if (this.#items.length === 0) this.#ids = undefined;
    else for (const { id } of items) this.#ids?.delete(id);
  }

  #countDone(): number {
    while (this.#items[this.#done]?.isDone) this.#done++;
    return this.#done;
  }
}
