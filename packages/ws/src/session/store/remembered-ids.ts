import { REMEMBERED_IDS } from "./store.ts";

/**
 * The ids of the last {@link REMEMBERED_IDS} messages, and of up to as many before them: whole generations are
 * forgotten, since to look for the oldest id at every new one would cost more than all else a store in memory does.
 */
export class RememberedIds {
  #recent: Set<string> | undefined;
  #older: Set<string> | undefined;

  has(id: string): boolean {
    return this.#recent?.has(id) === true || this.#older?.has(id) === true;
  }

  add(id: string): void {
    this.#recent ??= new Set();
    this.#recent.add(id);
    if (this.#recent.size < REMEMBERED_IDS) return;
    this.#older = this.#recent;
    this.#recent = undefined;
  }
}
