import type { Neighbour } from "../neighbour.ts";
import { type Broadcast, keyOf, type MessageId } from "./message.ts";

/** A broadcast that is here, for whoever lacks it. */
export interface CachedBroadcast {
  readonly broadcast: Broadcast;
  readonly signature: Uint8Array;
  readonly statement: Uint8Array;
  /** The links it has passed. */
  readonly hops: number;
  /** Who brought it; undefined for this peer's own. */
  readonly from: Neighbour | undefined;
  readonly expiresAtMs: number;
  /** The neighbours it is for; undefined for all. */
  readonly audience: ReadonlySet<string> | undefined;
  /** Those who are known to have it. */
  readonly holders: Set<Neighbour>;
  /** How often each neighbour was sent it on request. */
  readonly served: Map<Neighbour, number>;
  /** When it is announced again, and how long after that the next time. */
  nextRoundMs: number;
  roundMs: number;
}

/** The most broadcasts, and bytes of them, that are kept; the oldest give way. */
const MAX_BROADCASTS = 4_096;
const MAX_BYTES: number = 32 * 1024 * 1024;

/** The broadcasts whose life is not over. */
export class MessageCache {
  readonly #entries = new Map<string, CachedBroadcast>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get all(): IterableIterator<CachedBroadcast> {
    return this.#entries.values();
  }

  get(id: MessageId): CachedBroadcast | undefined {
    return this.#entries.get(keyOf(id));
  }

  add(entry: CachedBroadcast): void {
    this.#entries.set(keyOf(entry.broadcast), entry);
    this.#bytes += entry.statement.length;
    for (const oldest of this.#entries.values()) {
      if (this.#entries.size <= MAX_BROADCASTS && this.#bytes <= MAX_BYTES) return;
      this.#drop(oldest);
    }
  }

  expire(nowMs: number): void {
    for (const entry of this.#entries.values()) if (entry.expiresAtMs <= nowMs) this.#drop(entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(entry: CachedBroadcast): void {
    if (this.#entries.delete(keyOf(entry.broadcast))) this.#bytes -= entry.statement.length;
  }
}
