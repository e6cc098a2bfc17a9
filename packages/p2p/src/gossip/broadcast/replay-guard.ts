import type { Clock } from "@net/core";
import { MAX_ORIGINS } from "@net/routing";
import { MAX_LIFETIME, type MessageId } from "./message.ts";
import { ReplayWindow } from "./replay-window.ts";

/** How long the window of a peer that is gone is kept, in ms. */
const MEMORY = 15 * 60_000;

/** `unknown`: its origin, or that start of it, has not been heard of: it cannot be verified yet. */
export type Judgement = "fresh" | "seen" | "unknown";

interface Entry {
  epoch: number;
  window: ReplayWindow;
  /** What will be the floor once every broadcast up to there is over. */
  next: { readonly floor: number; readonly atMs: number };
  goneAtMs: number | undefined;
}

/**
 * Lets each broadcast in once. What an origin sent before this peer first heard of it counts as seen, and so does, for
 * ever, what is so old that its life is over: adverts say how many broadcasts there were when they were written, and
 * none lives longer than a minute, so a minute after an advert came all of those are over. No two clocks need to agree
 * for that.
 */
export class ReplayGuard {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The origin's advert of that epoch said that it had sent so many. */
  advertised(origin: string, epoch: number, broadcasts: number): void {
    const nowMs = this.#clock.monotonicMs();
    const entry = this.#entries.get(origin);
    if (entry?.epoch !== epoch) {
      this.#begin(origin, epoch, broadcasts);
      return;
    }
    entry.goneAtMs = undefined;
    if (nowMs - entry.next.atMs < MAX_LIFETIME) return;
    entry.window.raise(entry.next.floor);
    entry.next = { floor: broadcasts, atMs: nowMs };
  }

  /** The origin has left. */
  gone(origin: string): void {
    this.#expire();
    const entry = this.#entries.get(origin);
    if (entry) entry.goneAtMs = this.#clock.monotonicMs();
  }

  judge({ origin, epoch, seq }: MessageId): Judgement {
    const entry = this.#entries.get(origin);
    if (!entry || epoch > entry.epoch) return "unknown";
    if (epoch < entry.epoch) return "seen";
    this.#ripen(entry);
    return entry.window.has(seq) ? "seen" : "fresh";
  }

  /** Notes one that was fresh, and verified. */
  add({ origin, seq }: MessageId): void {
    this.#entries.get(origin)?.window.add(seq);
  }

  /** Forgets those that are gone for long. */
  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [origin, { goneAtMs }] of this.#entries) {
      if (goneAtMs !== undefined && nowMs - goneAtMs > MEMORY) this.#entries.delete(origin);
    }
  }

  #ripen(entry: Entry): void {
    if (this.#clock.monotonicMs() - entry.next.atMs >= MAX_LIFETIME) {
      entry.window.raise(entry.next.floor);
    }
  }

  #begin(origin: string, epoch: number, broadcasts: number): void {
    this.#entries.delete(origin);
    if (this.#entries.size >= MAX_ORIGINS) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    const next = { floor: broadcasts, atMs: this.#clock.monotonicMs() };
    const window = new ReplayWindow(broadcasts);
    this.#entries.set(origin, { epoch, window, next, goneAtMs: undefined });
  }
}
