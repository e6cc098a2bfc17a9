import type { Clock } from "@net/core";
import { type AdvertSummary, MAX_ORIGINS } from "@net/routing";
import type { Codec } from "../neighbour.ts";
import { advertFrameFields, type SignedAdvert } from "./advert-frame.ts";
import type { PeerAdvert } from "./peer-advert.ts";

/** How long the advert of a peer that is gone is kept, in ms: as long as the graph remembers that there was one. */
const MEMORY = 15 * 60_000;
/** A frame that is ready may say an age that is off by as much, in ms. */
const AGE_TOLERANCE = 100;

/** An advert, read and as it came. */
export interface HeldAdvert extends SignedAdvert {
  readonly advert: PeerAdvert;
}

interface Entry {
  readonly held: HeldAdvert;
  /** When its origin sent it, by this clock. */
  readonly sentAtMs: number;
  frame: { readonly body: Uint8Array; readonly ageMs: number } | undefined;
  goneAtMs: number | undefined;
}

/** The newest advert of each peer with its signature, ready to be passed on as it came. */
export class AdvertShelf {
  readonly #codec: Codec;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(codec: Codec, clock: Clock) {
    this.#codec = codec;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All origins, also those that are gone. */
  get origins(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** What a peer that is there says of itself. */
  get(origin: string): PeerAdvert | undefined {
    const entry = this.#entries.get(origin);
    return entry && entry.goneAtMs === undefined ? entry.held.advert : undefined;
  }

  /** The newest that was seen, also of one who is gone. */
  newest(origin: string): SignedAdvert | undefined {
    return this.#entries.get(origin)?.held;
  }

  /** Which one that is, as it is told to neighbours. */
  summary(origin: string): AdvertSummary | undefined {
    const newest = this.newest(origin);
    return newest && [origin, newest.epoch, newest.seq];
  }

  put(held: HeldAdvert): void {
    const { origin, advert } = held;
    this.#entries.delete(origin);
    const isGone = advert.linkState.ttlMs === 0;
    const nowMs = this.#clock.monotonicMs();
    const sentAtMs = nowMs - (advert.linkState.ageMs ?? 0);
    const goneAtMs = isGone ? nowMs : undefined;
    this.#entries.set(origin, { held, sentAtMs, frame: undefined, goneAtMs });
    if (this.#entries.size > MAX_ORIGINS * 2) this.#forgetOldest();
  }

  /** The body of the frame that passes it on; undefined if it counts no more. */
  frame(origin: string): Uint8Array | undefined {
    const entry = this.#entries.get(origin);
    if (!entry) return undefined;
    const { ttlMs } = entry.held.advert.linkState;
    const ageMs = Math.round(this.#clock.monotonicMs() - entry.sentAtMs);
    return ttlMs === 0 || ageMs < ttlMs ? this.#frameOf(entry, ageMs) : undefined;
  }

  /** The same of one that may count no more, as if it were new: for its origin, which has forgotten it. */
  reminder(origin: string): Uint8Array | undefined {
    const entry = this.#entries.get(origin);
    return entry && this.#frameOf(entry, 0);
  }

  /**
   * Marks those as gone that are not there any more, and forgets those that are gone for long.
   *
   * @returns who is gone now, and was not before.
   */
  sweep(isThere: (origin: string) => boolean): readonly string[] {
    const nowMs = this.#clock.monotonicMs();
    const gone: string[] = [];
    for (const [origin, entry] of this.#entries) {
      if (entry.goneAtMs !== undefined) {
        if (nowMs - entry.goneAtMs > MEMORY) this.#entries.delete(origin);
      } else if (!isThere(origin)) {
        entry.goneAtMs = nowMs;
        gone.push(origin);
      }
    }
    return gone;
  }

  #frameOf(entry: Entry, ageMs: number): Uint8Array {
    const ready = entry.frame;
    if (ready && Math.abs(ready.ageMs - ageMs) <= AGE_TOLERANCE) return ready.body;
    const body = this.#codec.encode(advertFrameFields(entry.held, ageMs));
    entry.frame = { body, ageMs };
    return body;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
