import { type Clock, TokenBucket } from "@net/core";
import type { AdvertSummary } from "@net/routing";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
import { Pacer } from "./pacer.ts";
import { differenceFields, MAX_PER_FRAME } from "./resync-frames.ts";

/** How long a neighbour whose queue is full is left alone, in ms. */
const RETRY_DELAY = 250;
/**
 * Between two sendings at least once there is much to send, in ms: OSPF's pacing of floods. What comes in bursts leaves in one
 * batch, and meanwhile a neighbour may show that it has it already.
 */
const PACE = 33;
/** So many sendings need not wait for that: what happens now and then is told at once. */
const UNPACED = { capacity: 32, perSecond: 2 } as const;
/** Between two lists of what is here, in ms. */
const SUMMARY_PACE = 150;
/**
 * So many adverts of others are passed on unasked. Of those that come faster the neighbours are only told: nearly all of them have
 * each from somebody else already.
 */
const UNASKED = { capacity: 32, perSecond: 2 } as const;

/** What a neighbour is still to get: names only. */
interface Owed {
  readonly adverts: Set<string>;
  /** Those of which it is only told that they are here. */
  readonly summaries: Set<string>;
}

export interface AdvertOutboxOptions {
  readonly sender: Sender;
  readonly clock: Clock;
  /** The newest advert of a peer as a frame's body; undefined if it counts no more. */
  readonly frameOf: (origin: string) => Uint8Array | undefined;
  /** Which one that is. */
  readonly summaryOf: (origin: string) => AdvertSummary | undefined;
}

/**
 * Which adverts each neighbour is still to get: names only, so that a slow one costs no memory, and gets the newest of
 * each peer when it has room, not all that there were.
 */
export class AdvertOutbox {
  readonly #options: AdvertOutboxOptions;
  readonly #owed = new Map<Neighbour, Owed>();
  readonly #unpaced: TokenBucket;
  readonly #unasked: TokenBucket;
  readonly #adverts: Pacer;
  readonly #summaries: Pacer;

  constructor(options: AdvertOutboxOptions) {
    const { clock } = options;
    this.#options = options;
    this.#unpaced = new TokenBucket({ ...UNPACED, clock });
    this.#unasked = new TokenBucket({ ...UNASKED, clock });
    this.#adverts = new Pacer(clock, PACE, () => this.#sendAdverts());
    this.#summaries = new Pacer(clock, SUMMARY_PACE, () => this.#sendSummaries());
  }

  /** Those to whom there is a link. */
  get neighbours(): readonly Neighbour[] {
    return [...this.#owed.keys()];
  }

  has(neighbour: Neighbour): boolean {
    return this.#owed.has(neighbour);
  }

  add(neighbour: Neighbour): void {
    this.#owed.set(neighbour, { adverts: new Set(), summaries: new Set() });
  }

  remove(neighbour: Neighbour): void {
    this.#owed.delete(neighbour);
  }

  /** An advert of this peer itself, which nobody has yet: to all. */
  spread(origin: string): void {
    for (const { adverts } of this.#owed.values()) adverts.add(origin);
    this.#sendSoon();
  }

  /** An advert of another peer to all but the one it came from: itself, or only that it is here. */
  passOn(origin: string, from: Neighbour): void {
    const list = this.#unasked.tryTake() ? "adverts" : "summaries";
    for (const [neighbour, owed] of this.#owed) {
      if (neighbour !== from) owed[list].add(origin);
    }
    if (list === "adverts") this.#sendSoon();
    else this.#summaries.soon();
  }

  /** What a neighbour seems to lack: itself, or, if it is much, only that it is here; others may be giving it the same. */
  offer(neighbour: Neighbour, origins: readonly string[]): void {
    const owed = this.#owed.get(neighbour);
    if (!owed || origins.length === 0) return;
    if (this.#unasked.tryTake(origins.length)) {
      this.owe(neighbour, origins);
      return;
    }
    for (const origin of origins) owed.summaries.add(origin);
    this.#summaries.soon();
  }

  /** What a neighbour has asked for. */
  owe(neighbour: Neighbour, origins: Iterable<string>): void {
    const owed = this.#owed.get(neighbour);
    if (!owed) return;
    for (const origin of origins) owed.adverts.add(origin);
    this.#sendSoon();
  }

  /** The neighbour has shown that it has it. */
  settle(neighbour: Neighbour, origin: string): void {
    const owed = this.#owed.get(neighbour);
    owed?.adverts.delete(origin);
    owed?.summaries.delete(origin);
  }

  /** Sends that one at once what there is room for. */
  greet(neighbour: Neighbour, origin: string): void {
    const owed = this.#owed.get(neighbour);
    if (!owed) return;
    owed.adverts.add(origin);
    if (!this.#send(neighbour, owed)) this.#adverts.after(RETRY_DELAY);
  }

  /** Sends all adverts that there is room for. */
  flush(): void {
    this.#adverts.now();
  }

  stop(): void {
    this.#adverts.stop();
    this.#summaries.stop();
    this.#owed.clear();
  }

  #sendSoon(): void {
    if (!this.#adverts.isFree && this.#unpaced.tryTake()) this.#adverts.now();
    else this.#adverts.soon();
  }

  #sendAdverts(): void {
    let isFull = false;
    for (const [neighbour, owed] of this.#owed) isFull = !this.#send(neighbour, owed) || isFull;
    if (isFull) this.#adverts.after(RETRY_DELAY);
  }

  /** @returns whether it took all. */
  #send(neighbour: Neighbour, { adverts }: Owed): boolean {
    const { sender, frameOf } = this.#options;
    for (const origin of adverts) {
      adverts.delete(origin);
      const frame = frameOf(origin);
      if (!frame || sender.offer(neighbour, GossipKind.advert, frame)) continue;
      adverts.add(origin);
      return false;
    }
    return true;
  }

  #sendSummaries(): void {
    let isFull = false;
    for (const [neighbour, owed] of this.#owed) {
      isFull = !this.#summarise(neighbour, owed) || isFull;
    }
    if (isFull) this.#summaries.after(RETRY_DELAY);
  }

  /** A difference without buckets: what is here, whatever else is. @returns whether it took all. */
  #summarise(neighbour: Neighbour, { summaries }: Owed): boolean {
    const { sender, summaryOf } = this.#options;
    while (summaries.size > 0) {
      const part = [...summaries].slice(0, MAX_PER_FRAME);
      const held = part.map(summaryOf).filter((summary) => summary !== undefined);
      const fields = differenceFields({ buckets: [], held });
      if (!sender.send(neighbour, GossipKind.difference, fields)) return false;
      for (const origin of part) summaries.delete(origin);
    }
    return true;
  }
}
