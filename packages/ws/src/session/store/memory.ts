import { isNext, staleEpoch, tooMany } from "./conditions.ts";
import {
  type NewMessage,
  type OfferLimit,
  type Progress,
  REMEMBERED_IDS,
  type SessionStore,
  type StoredSession,
  type WaitingMessage,
} from "./store.ts";

/** One session. */
interface Entry {
  epoch: string;
  cursor: number;
  acked: number;
  offered: number;
  /** In order; the first has the number `acked + 1`. */
  waiting: NewMessage[];
  readonly waitingIds: Set<string>;
  /** In the order they were committed. */
  readonly committed: Set<string>;
  /** Commits whose effects still run: the next waits for them. */
  busy: Promise<unknown>;
}

/**
 * Sessions in this process: they survive links, and nothing else. Effects of a `commit` are not undone when they
 * throw; only the cursor stays.
 */
export function memorySessionStore(): SessionStore<undefined> {
  return new MemorySessionStore();
}

class MemorySessionStore implements SessionStore<undefined> {
  readonly #entries = new Map<string, Entry>();

  async load(session: string): Promise<StoredSession | undefined> {
    const entry = this.#entries.get(session);
    return entry && stored(entry);
  }

  async reset(session: string, epoch: string): Promise<StoredSession> {
    const entry = this.#entry(session);
    entry.epoch = epoch;
    entry.cursor = 0;
    entry.offered = Math.max(0, entry.offered - entry.acked);
    entry.acked = 0;
    return stored(entry);
  }

  async append(
    session: string,
    messages: readonly NewMessage[],
    maxWaiting: number,
  ): Promise<void> {
    const known = this.#entries.get(session);
    const ids = new Set(messages.map(({ id }) => id));
    const added = [...ids].filter((id) => !known?.waitingIds.has(id)).length;
    if ((known?.waiting.length ?? 0) + added > maxWaiting) throw tooMany(maxWaiting);
    const entry = this.#entry(session);
    for (const message of messages) {
      if (entry.waitingIds.has(message.id)) continue;
      entry.waitingIds.add(message.id);
      entry.waiting.push(message);
    }
  }

  async offer(
    session: string,
    epoch: string,
    after: number,
    limit: OfferLimit,
  ): Promise<readonly WaitingMessage[]> {
    const entry = this.#inEpoch(session, epoch);
    const offer: WaitingMessage[] = [];
    let bytes = 0;
    for (let index = Math.max(0, after - entry.acked); offer.length < limit.messages; index++) {
      const message = entry.waiting[index];
      if (!message) break;
      bytes += message.bytes;
      if (offer.length > 0 && bytes > limit.bytes) break;
      const seq = entry.acked + index + 1;
      offer.push({ ...message, seq, redelivered: seq <= entry.offered });
    }
    entry.offered = Math.max(entry.offered, offer.at(-1)?.seq ?? 0);
    return offer;
  }

  async acknowledge(session: string, epoch: string, seq: number): Promise<readonly string[]> {
    const entry = this.#inEpoch(session, epoch);
    const gone = entry.waiting.splice(0, Math.max(0, seq - entry.acked));
    entry.acked += gone.length;
    for (const { id } of gone) entry.waitingIds.delete(id);
    return gone.map(({ id }) => id);
  }

  async committed(session: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const entry = this.#entries.get(session);
    return new Set(ids.filter((id) => entry?.committed.has(id)));
  }

  async commit(
    session: string,
    progress: Progress,
    effects?: (tx: undefined) => void | PromiseLike<void>,
  ): Promise<boolean> {
    const entry = this.#inEpoch(session, progress.epoch);
    if (!effects) {
      await entry.busy;
      return this.#advance(session, progress);
    }
    const committing = entry.busy.then(async () => {
      if (!isNext(this.#inEpoch(session, progress.epoch).cursor, progress)) return false;
      await effects(undefined);
      return this.#advance(session, progress);
    });
    // Whoever commits next does not care how this one ended; its caller does.
    entry.busy = committing.catch(() => {});
    return committing;
  }

  async delete(session: string): Promise<void> {
    this.#entries.delete(session);
  }

  #advance(session: string, progress: Progress): boolean {
    const entry = this.#inEpoch(session, progress.epoch);
    if (!isNext(entry.cursor, progress)) return false;
    entry.cursor = progress.seq;
    for (const id of progress.ids) remember(entry.committed, id);
    return true;
  }

  #entry(session: string): Entry {
    const known = this.#entries.get(session);
    if (known) return known;
    const entry = newEntry();
    this.#entries.set(session, entry);
    return entry;
  }

  #inEpoch(session: string, epoch: string): Entry {
    const entry = this.#entries.get(session);
    if (entry?.epoch === epoch) return entry;
    throw staleEpoch(session);
  }
}

function newEntry(): Entry {
  return {
    epoch: "",
    cursor: 0,
    acked: 0,
    offered: 0,
    waiting: [],
    waitingIds: new Set(),
    committed: new Set(),
    busy: Promise.resolve(),
  };
}

function stored({ epoch, cursor, acked, waiting }: Entry): StoredSession {
  return { epoch, cursor, acked, head: acked + waiting.length };
}

function remember(ids: Set<string>, id: string): void {
  ids.delete(id);
  ids.add(id);
  if (ids.size <= REMEMBERED_IDS) return;
  const [oldest] = ids;
  ids.delete(oldest as string);
}
