import type { Clock, Rng, Timer } from "@net/core";
import { type DnsRecord, keyOf } from "./dns.ts";
import { identityOf } from "./rdata.ts";

/** RFC 6762 §5.2: at these parts of a record's time it is asked for again, each up to 2 % later. */
const REFRESH_AT: readonly number[] = [0.8, 0.85, 0.9, 0.95];
const REFRESH_SPREAD = 0.02;
/** §10.1, §10.2: what was taken back, or is not among all that a name has, is kept for this long, in ms. */
const GOODBYE_DELAY = 1_000;
/** More would be a flood. */
const DEFAULT_CAPACITY = 4_096;

interface Entry {
  record: DnsRecord;
  heardAtMs: number;
  expiresAtMs: number;
  timer: Timer;
}

export interface RecordCacheOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly capacity?: number;
  /** Its time is nearly over: ask for it, if it matters. */
  readonly onRefresh: (record: DnsRecord) => void;
  readonly onExpired: (record: DnsRecord) => void;
}

/** What one link's records are, as long as they are good. */
export class RecordCache implements Disposable {
  readonly #options: RecordCacheOptions;
  readonly #entries = new Map<string, Map<string, Entry>>();
  #size = 0;

  constructor(options: RecordCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes a record that was heard. True if it says something new. */
  add(record: DnsRecord): boolean {
    const [key, id] = [keyOf(record), identityOf(record)];
    const entry = this.#entries.get(key)?.get(id);
    if (record.ttlSeconds === 0) {
      if (entry) this.#expireSoon(entry);
      return false;
    }
    if (record.flush) this.#flush(key, id);
    if (entry) this.#renew(entry, record);
    else return this.#insert(key, id, record);
    return false;
  }

  has(record: DnsRecord): boolean {
    return this.#entries.get(keyOf(record))?.has(identityOf(record)) === true;
  }

  find(name: string, type: DnsRecord["type"]): DnsRecord[] {
    const entries = this.#entries.get(keyOf({ name, type }));
    return entries ? [...entries.values()].map(({ record }) => record) : [];
  }

  /** What need not be told again, since it is good for more than half of its time still (§7.1); with what is left. */
  known(name: string, type: DnsRecord["type"]): DnsRecord[] {
    const nowMs = this.#options.clock.monotonicMs();
    const entries = this.#entries.get(keyOf({ name, type }));
    return [...(entries?.values() ?? [])].flatMap(({ record, expiresAtMs }) => {
      const ttlSeconds = Math.floor((expiresAtMs - nowMs) / 1_000);
      return ttlSeconds > record.ttlSeconds / 2 ? [{ ...record, ttlSeconds, flush: false }] : [];
    });
  }

  [Symbol.dispose](): void {
    for (const entries of this.#entries.values()) {
      for (const { timer } of entries.values()) timer.cancel();
    }
    this.#entries.clear();
    this.#size = 0;
  }

  #insert(key: string, id: string, record: DnsRecord): boolean {
    if (this.#size >= (this.#options.capacity ?? DEFAULT_CAPACITY)) return false;
    const entries = this.#entries.get(key) ?? new Map<string, Entry>();
    const entry = { record } as Entry;
    this.#entries.set(key, entries.set(id, entry));
    this.#size++;
    this.#start(entry, record);
    return true;
  }

  #renew(entry: Entry, record: DnsRecord): void {
    entry.timer.cancel();
    this.#start(entry, record);
  }

  #start(entry: Entry, record: DnsRecord): void {
    const nowMs = this.#options.clock.monotonicMs();
    entry.record = record;
    entry.heardAtMs = nowMs;
    entry.expiresAtMs = nowMs + record.ttlSeconds * 1_000;
    this.#await(entry, REFRESH_AT);
  }

  /** Waits for the next part of its time to be over. */
  #await(entry: Entry, [part, ...rest]: readonly number[]): void {
    if (part === undefined) this.#awaitEnd(entry);
    else this.#awaitRefresh(entry, part, rest);
  }

  #awaitRefresh(entry: Entry, part: number, rest: readonly number[]): void {
    const { clock, rng, onRefresh } = this.#options;
    const lifetimeMs = entry.expiresAtMs - entry.heardAtMs;
    const atMs = entry.heardAtMs + lifetimeMs * (part + rng.next() * REFRESH_SPREAD);
    const ring = (): void => {
      this.#await(entry, rest);
      onRefresh(entry.record);
    };
    entry.timer = clock.setTimeout(ring, atMs - clock.monotonicMs());
  }

  #awaitEnd(entry: Entry): void {
    const { clock } = this.#options;
    const delay = entry.expiresAtMs - clock.monotonicMs();
    entry.timer = clock.setTimeout(() => this.#expire(entry), delay);
  }

  /** Whoever said it may say it again within a second. */
  #expireSoon(entry: Entry): void {
    const soonMs = this.#options.clock.monotonicMs() + GOODBYE_DELAY;
    if (soonMs >= entry.expiresAtMs) return;
    entry.timer.cancel();
    entry.expiresAtMs = soonMs;
    this.#awaitEnd(entry);
  }

  /** The record that comes is all there is: others go, but for those that came with it. */
  #flush(key: string, id: string): void {
    const before = this.#options.clock.monotonicMs() - GOODBYE_DELAY;
    for (const [each, entry] of this.#entries.get(key) ?? []) {
      if (each !== id && entry.heardAtMs < before) this.#expireSoon(entry);
    }
  }

  #expire(entry: Entry): void {
    const key = keyOf(entry.record);
    const entries = this.#entries.get(key);
    if (!entries?.delete(identityOf(entry.record))) return;
    this.#size--;
    if (entries.size === 0) this.#entries.delete(key);
    this.#options.onExpired(entry.record);
  }
}
