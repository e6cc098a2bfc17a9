import type { Clock, Timer } from "@net/core";
import type { Neighbour } from "../neighbour.ts";
import { keyOf, type MessageId } from "./message.ts";

/** How long a broadcast that was announced may take to come over the tree before it is asked for, in ms. */
const PATIENCE = 500;
/** How long one who was asked may take before the next one is, in ms. */
const RETRY_DELAY = 250;
/** How often it is asked for; a later announcement begins anew. */
const MAX_TRIES = 6;
/** How often it is looked who is to be asked, in ms. */
const TICK = 100;
/** The most that are missed at a time, of which one neighbour can have announced a quarter. */
const MAX_MISSING = 8_192;
const MAX_PER_NEIGHBOUR: number = MAX_MISSING / 4;
/** The most neighbours remembered for one broadcast. */
const MAX_ANNOUNCERS = 8;

interface Entry {
  readonly id: MessageId;
  /** Who announced it first: it counts against them. */
  readonly by: Neighbour;
  /** Those who have it; the next to be asked comes first. */
  readonly announcers: Neighbour[];
  dueMs: number;
  tries: number;
}

export interface MissingOptions {
  readonly clock: Clock;
  readonly isLinked: (neighbour: Neighbour) => boolean;
  /** Asks a neighbour for what it has announced. */
  readonly ask: (neighbour: Neighbour, ids: readonly MessageId[]) => void;
}

/** The broadcasts that others have and this peer has not: waits a little, then asks one after the other. */
export class Missing {
  readonly #options: MissingOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #counts = new Map<Neighbour, number>();
  #timer: Timer | undefined;

  constructor(options: MissingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A neighbour has it, and this peer has not. */
  announced(by: Neighbour, id: MessageId): void {
    const known = this.#entries.get(keyOf(id));
    if (!known) this.#begin(by, id);
    else if (!known.announcers.includes(by) && known.announcers.length < MAX_ANNOUNCERS) {
      known.announcers.push(by);
    }
  }

  /** It came, or is not wanted any more. */
  settle(id: MessageId): void {
    const entry = this.#entries.get(keyOf(id));
    if (!entry) return;
    this.#entries.delete(keyOf(id));
    const count = (this.#counts.get(entry.by) ?? 1) - 1;
    if (count === 0) this.#counts.delete(entry.by);
    else this.#counts.set(entry.by, count);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#entries.clear();
    this.#counts.clear();
  }

  #begin(by: Neighbour, id: MessageId): void {
    const count = this.#counts.get(by) ?? 0;
    if (this.#entries.size >= MAX_MISSING || count >= MAX_PER_NEIGHBOUR) return;
    this.#counts.set(by, count + 1);
    const dueMs = this.#options.clock.monotonicMs() + PATIENCE;
    this.#entries.set(keyOf(id), { id, by, announcers: [by], dueMs, tries: 0 });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#entries.size === 0) return;
    this.#timer ??= this.#options.clock.setTimeout(() => this.#tick(), TICK, { background: true });
  }

  #tick(): void {
    this.#timer = undefined;
    const asked = new Map<Neighbour, MessageId[]>();
    for (const entry of [...this.#entries.values()]) {
      const neighbour = this.#whomToAsk(entry);
      if (neighbour) asked.set(neighbour, [...(asked.get(neighbour) ?? []), entry.id]);
    }
    for (const [neighbour, ids] of asked) this.#options.ask(neighbour, ids);
    this.#schedule();
  }

  /** In turn those to whom there is a link; undefined if it is too early, or there is nobody left. */
  #whomToAsk(entry: Entry): Neighbour | undefined {
    const { clock, isLinked } = this.#options;
    const nowMs = clock.monotonicMs();
    if (entry.dueMs > nowMs) return undefined;
    while (entry.announcers.length > 0 && entry.tries < MAX_TRIES) {
      const neighbour = entry.announcers.shift() as Neighbour;
      if (!isLinked(neighbour)) continue;
      entry.announcers.push(neighbour);
      entry.tries += 1;
      entry.dueMs = nowMs + RETRY_DELAY;
      return neighbour;
    }
    this.settle(entry.id);
    return undefined;
  }
}
