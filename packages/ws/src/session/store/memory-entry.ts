import { RememberedIds } from "./remembered-ids.ts";
import type { NewMessage, OfferLimit, StoredSession, WaitingMessage } from "./store.ts";

/** One session in memory. Most of many wait for nothing, so that what is not needed is not there. */
export class MemoryEntry {
  epoch = "";
  cursor = 0;
  /** What was committed here. */
  readonly committed: RememberedIds = new RememberedIds();
  /** Commits whose effects still run: the next waits for them. */
  busy: Promise<unknown> | undefined;
  #acked = 0;
  #offered = 0;
  /** In order; the first has the number `acked + 1`. */
  #waiting: NewMessage[] = [];
  /** Theirs; there once one came whose id may be there already, until none waits. */
  #waitingIds: Set<string> | undefined;

  get stored(): StoredSession {
    const { epoch, cursor } = this;
    return { epoch, cursor, acked: this.#acked, head: this.#acked + this.#waiting.length };
  }

  reset(epoch: string): void {
    this.epoch = epoch;
    this.cursor = 0;
    this.#offered = Math.max(0, this.#offered - this.#acked);
    this.#acked = 0;
  }

  /** Those that wait already, or are there twice, need no room. */
  hasRoomFor(messages: readonly NewMessage[], maxWaiting: number): boolean {
    if (this.#waiting.length + messages.length <= maxWaiting) return true;
    const waitingIds = this.#indexed();
    const added = new Set<string>();
    for (const { id } of messages) if (!waitingIds.has(id)) added.add(id);
    return added.size === 0 || this.#waiting.length + added.size <= maxWaiting;
  }

  append(messages: readonly NewMessage[]): void {
    for (const message of messages) {
      if (this.#isNew(message)) this.#waiting.push(message);
    }
  }

  offer(after: number, limit: OfferLimit): WaitingMessage[] {
    const offer: WaitingMessage[] = [];
    let left = limit.bytes;
    for (let index = Math.max(0, after - this.#acked); offer.length < limit.messages; index++) {
      const message = this.#waiting[index];
      if (!message) break;
      left -= message.bytes;
      if (offer.length > 0 && left < 0) break;
      const seq = this.#acked + index + 1;
      offer.push({ ...message, seq, redelivered: seq <= this.#offered });
    }
    this.#offered = Math.max(this.#offered, offer.at(-1)?.seq ?? 0);
    return offer;
  }

  acknowledge(seq: number): string[] {
    const gone = this.#waiting.splice(0, Math.max(0, seq - this.#acked));
    this.#acked += gone.length;
    if (this.#waiting.length === 0) this.#waitingIds = undefined;
    return gone.map(({ id }) => {
      this.#waitingIds?.delete(id);
      return id;
    });
  }

  /** An id that was made for its message is no other's, and need not be looked for. */
  #isNew({ id, made }: NewMessage): boolean {
    if (made && !this.#waitingIds) return true;
    const waitingIds = this.#indexed();
    return waitingIds.size < waitingIds.add(id).size;
  }

  #indexed(): Set<string> {
    this.#waitingIds ??= new Set(this.#waiting.map(({ id }) => id));
    return this.#waitingIds;
  }
}
