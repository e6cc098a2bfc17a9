import { type Publication, without } from "./publication.ts";

/**
 * Calls that wait for the other end, mostly a row of them: those whose ids were made for them are committed in the order
 * in which they came, and then only the first is looked at. Anything else, and they are found by id until none is left.
 */
export class WaitingPublications {
  #row: Publication[] = [];
  /** Where the row begins. */
  #start = 0;
  /** There instead of the row; several calls may wait for one message. */
  #byId: Map<string, Publication> | undefined;

  get isEmpty(): boolean {
    return this.#byId ? this.#byId.size === 0 : this.#start === this.#row.length;
  }

  add(publication: Publication): void {
    if (this.#byId?.size === 0) this.#byId = undefined;
    if (publication.message.made && !this.#byId) this.#row.push(publication);
    else this.#addTo(this.#indexed(), publication);
  }

  /** Whoever waits for that message, one after the other by `next`, waits no longer. */
  take(id: string): Publication | undefined {
    const first = this.#row[this.#start];
    if (first?.message.id === id) {
      this.#advance();
      return first;
    }
    if (this.isEmpty) return undefined;
    const byId = this.#indexed();
    const found = byId.get(id);
    byId.delete(id);
    return found;
  }

  /** One that waits no longer; the others for the same message do. */
  remove(publication: Publication): void {
    if (this.isEmpty) return;
    const byId = this.#indexed();
    const { id } = publication.message;
    const left = without(byId.get(id), publication);
    if (left) byId.set(id, left);
    else byId.delete(id);
  }

  /** All of them; none waits any longer. */
  takeAll(): Publication[] {
    const all = [...this.#indexed().values()];
    this.#byId = undefined;
    return all;
  }

  #advance(): void {
    this.#start++;
    if (this.#start * 2 < this.#row.length) return;
    this.#row.splice(0, this.#start);
    this.#start = 0;
  }

  #indexed(): Map<string, Publication> {
    if (this.#byId) return this.#byId;
    const byId = new Map<string, Publication>();
    for (const each of this.#row.slice(this.#start)) this.#addTo(byId, each);
    this.#row = [];
    this.#start = 0;
    this.#byId = byId;
    return byId;
  }

  #addTo(byId: Map<string, Publication>, publication: Publication): void {
    const { id } = publication.message;
    publication.next = byId.get(id);
    byId.set(id, publication);
  }
}
