import { REMEMBERED_IDS } from "./store.ts";

/**
 * The ids of the last {@link REMEMBERED_IDS} messages, and of up to as many before them: whole generations are
 * forgotten, since to look for the oldest id at every new one would cost more than all else a store in memory does.
 */
export class RememberedIds {
  #recent: Generation | undefined;
  #older: Generation | undefined;

  has(id: string): boolean {
    return this.#recent?.has(id) === true || this.#older?.has(id) === true;
  }

  add(id: string): void {
    this.#recent ??= new Generation();
    this.#recent.ids.push(id);
    if (this.#recent.ids.length < REMEMBERED_IDS) return;
    this.#older = this.#recent;
    this.#recent = undefined;
  }
}

/** Mostly nobody looks for an id, so that those that came since the last look wait to be indexed. */
class Generation {
  readonly ids: string[] = [];
  #index: Set<string> | undefined;
  #indexed = 0;

  has(id: string): boolean {
    this.#index ??= new Set();
    while (this.#indexed < this.ids.length) this.#index.add(this.ids[this.#indexed++] as string);
    return this.#index.has(id);
  }
}
