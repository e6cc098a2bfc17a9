import { isNext, staleEpoch, tooMany } from "./conditions.ts";
import { MemoryEntry } from "./memory-entry.ts";
import type {
  NewMessage,
  OfferLimit,
  Progress,
  SessionStore,
  StoredSession,
  WaitingMessage,
} from "./store.ts";

/**
 * Sessions in this process: they survive links, and nothing else. Effects of a `commit` are not undone when they
 * throw; only the cursor stays.
 */
export function memorySessionStore(): SessionStore<undefined> {
  return new MemorySessionStore();
}

class MemorySessionStore implements SessionStore<undefined> {
  readonly #entries = new Map<string, MemoryEntry>();

  async load(session: string): Promise<StoredSession | undefined> {
    return this.#entries.get(session)?.stored;
  }

  async reset(session: string, epoch: string): Promise<StoredSession> {
    const entry = this.#entry(session);
    entry.reset(epoch);
    return entry.stored;
  }

  async append(
    session: string,
    messages: readonly NewMessage[],
    maxWaiting: number,
  ): Promise<void> {
    const entry = this.#entries.get(session) ?? new MemoryEntry();
    if (!entry.hasRoomFor(messages, maxWaiting)) throw tooMany(maxWaiting);
    this.#entries.set(session, entry);
    entry.append(messages);
  }

  async offer(
    session: string,
    epoch: string,
    after: number,
    limit: OfferLimit,
  ): Promise<readonly WaitingMessage[]> {
    return this.#inEpoch(session, epoch).offer(after, limit);
  }

  async acknowledge(session: string, epoch: string, seq: number): Promise<readonly string[]> {
    return this.#inEpoch(session, epoch).acknowledge(seq);
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
    const committing = this.#apply(session, progress, effects, entry.busy);
    // Whoever commits next does not care how this one ended; its caller does.
    entry.busy = committing.catch(() => {});
    return committing;
  }

  async delete(session: string): Promise<void> {
    this.#entries.delete(session);
  }

  async #apply(
    session: string,
    progress: Progress,
    effects: (tx: undefined) => void | PromiseLike<void>,
    before: Promise<unknown> | undefined,
  ): Promise<boolean> {
    await before;
    if (!isNext(this.#inEpoch(session, progress.epoch).cursor, progress)) return false;
    await effects(undefined);
    return this.#advance(session, progress);
  }

  #advance(session: string, progress: Progress): boolean {
    const entry = this.#inEpoch(session, progress.epoch);
    if (!isNext(entry.cursor, progress)) return false;
    entry.cursor = progress.seq;
    for (const id of progress.ids) entry.committed.add(id);
    return true;
  }

  #entry(session: string): MemoryEntry {
    const known = this.#entries.get(session);
    if (known) return known;
    const entry = new MemoryEntry();
    this.#entries.set(session, entry);
    return entry;
  }

  #inEpoch(session: string, epoch: string): MemoryEntry {
    const entry = this.#entries.get(session);
    if (entry?.epoch === epoch) return entry;
    throw staleEpoch(session);
  }
}
