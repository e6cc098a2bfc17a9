import { type Clock, type Timer, TokenBucket } from "@net/core";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";

/** How long a neighbour whose queue is full is left alone, in ms. */
const RETRY_DELAY = 250;
/**
 * Between two sendings at least once there is much to send, in ms: OSPF's pacing of floods. What comes in bursts leaves in one
 * batch, and meanwhile a neighbour may show that it has it already.
 */
const PACE = 33;
/** So many sendings need not wait for that: what happens now and then is told at once. */
const UNPACED = { capacity: 32, perSecond: 8 } as const;

/**
 * Which adverts each neighbour is still to get: names only, so that a slow one costs no memory, and gets the newest of
 * each peer when it has room, not all that there were.
 */
export class AdvertOutbox {
  readonly #sender: Sender;
  readonly #clock: Clock;
  readonly #frameOf: (origin: string) => Uint8Array | undefined;
  readonly #owed = new Map<Neighbour, Set<string>>();
  readonly #unpaced: TokenBucket;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(sender: Sender, clock: Clock, frameOf: (origin: string) => Uint8Array | undefined) {
    this.#sender = sender;
    this.#clock = clock;
    this.#frameOf = frameOf;
    this.#unpaced = new TokenBucket({ ...UNPACED, clock });
  }

  /** Those to whom there is a link. */
  get neighbours(): readonly Neighbour[] {
    return [...this.#owed.keys()];
  }

  has(neighbour: Neighbour): boolean {
    return this.#owed.has(neighbour);
  }

  add(neighbour: Neighbour): void {
    this.#owed.set(neighbour, new Set());
  }

  remove(neighbour: Neighbour): void {
    this.#owed.delete(neighbour);
  }

  /** To all but one. */
  spread(origin: string, except?: Neighbour): void {
    for (const [neighbour, owed] of this.#owed) {
      if (neighbour !== except) owed.add(origin);
    }
    this.#sendSoon();
  }

  owe(neighbour: Neighbour, origins: Iterable<string>): void {
    const owed = this.#owed.get(neighbour);
    if (!owed) return;
    for (const origin of origins) owed.add(origin);
    this.#sendSoon();
  }

  /** The neighbour has shown that it has it. */
  settle(neighbour: Neighbour, origin: string): void {
    this.#owed.get(neighbour)?.delete(origin);
  }

  /** Sends that one at once what there is room for. */
  greet(neighbour: Neighbour, origins: Iterable<string>): void {
    const owed = this.#owed.get(neighbour);
    if (!owed) return;
    for (const origin of origins) owed.add(origin);
    if (!this.#send(neighbour, owed)) this.#sendBy(RETRY_DELAY);
  }

  /** Sends all that there is room for. */
  flush(): void {
    this.#cancel();
    this.#sentAtMs = this.#clock.monotonicMs();
    let isFull = false;
    for (const [neighbour, owed] of this.#owed) isFull = !this.#send(neighbour, owed) || isFull;
    if (isFull) this.#sendBy(RETRY_DELAY);
  }

  stop(): void {
    this.#cancel();
    this.#owed.clear();
  }

  #sendSoon(): void {
    const delay = this.#sentAtMs + PACE - this.#clock.monotonicMs();
    if (delay <= 0 || this.#unpaced.tryTake()) this.flush();
    else this.#sendBy(delay);
  }

  #sendBy(delay: number): void {
    const dueMs = this.#clock.monotonicMs() + delay;
    if (dueMs >= this.#dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#timer = this.#clock.setTimeout(() => this.flush(), delay, { background: true });
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** @returns whether it took all. */
  #send(neighbour: Neighbour, owed: Set<string>): boolean {
    for (const origin of owed) {
      owed.delete(origin);
      const frame = this.#frameOf(origin);
      if (!frame || this.#sender.offer(neighbour, GossipKind.advert, frame)) continue;
      owed.add(origin);
      return false;
    }
    return true;
  }
}
