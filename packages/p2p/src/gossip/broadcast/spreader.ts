import type { Clock, Timer } from "@net/core";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
import { Announcements } from "./announcements.ts";
import { broadcastFrameFields, MAX_HOPS_SAID } from "./broadcast-frame.ts";
import type { Broadcast, MessageId } from "./message.ts";
import { type CachedBroadcast, MessageCache } from "./message-cache.ts";
import type { TreeLinks } from "./tree-links.ts";

/**
 * The most links that a broadcast goes over the tree; beyond them it is announced, and sent to who asks. A way over a
 * tree is longer than a route, by far more than twice in sparse networks; nothing goes round in circles anyway, since
 * each peer passes it on once.
 */
const MAX_TREE_HOPS = 32;

/** How long after a broadcast came its neighbours are told of it again, in ms; each time twice as long. */
const FIRST_ROUND = 1_000;
/** How often the cache is looked through, in ms. */
const TICK = 500;
/** How often a neighbour is sent the same broadcast on request. */
const MAX_SERVINGS = 4;

export interface SpreaderOptions {
  readonly links: TreeLinks;
  /** Whether it makes sense to hand it to that neighbour, for itself or for those behind it. */
  readonly isWanted: (neighbour: Neighbour, broadcast: Broadcast) => boolean;
  readonly sender: Sender;
  readonly clock: Clock;
}

/** A broadcast that is to be passed on. */
export interface Spread
  extends Pick<CachedBroadcast, "broadcast" | "statement" | "signature" | "hops"> {
  readonly remainingMs: number;
  readonly audience?: ReadonlySet<string> | undefined;
  readonly from?: Neighbour | undefined;
}

/**
 * Hands broadcasts to neighbours: over a branch as they are, over other links their ids. What a link does not take is
 * announced to it later, and all that lives is announced again to all, after 1, 2, 4, … s and on each new link.
 */
export class Spreader {
  readonly #options: SpreaderOptions;
  readonly #cache = new MessageCache();
  readonly #announcements: Announcements;
  #timer: Timer | undefined;

  constructor(options: SpreaderOptions) {
    const { sender, clock } = options;
    this.#options = options;
    this.#announcements = new Announcements(sender, clock, (id) => !!this.#cache.get(id));
  }

  spread({ remainingMs, ...sealed }: Spread): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { audience, from } = sealed;
    const cached: CachedBroadcast = {
      ...{ ...sealed, audience, from, expiresAtMs: nowMs + remainingMs },
      ...{ holders: new Set(from && [from]), served: new Map() },
      ...{ nextRoundMs: nowMs + FIRST_ROUND, roundMs: FIRST_ROUND },
    };
    this.#cache.add(cached);
    for (const neighbour of [...this.#options.links.all]) this.#hand(neighbour, cached);
    this.#schedule();
  }

  /** A new neighbour hears of all that lives. */
  meet(neighbour: Neighbour): void {
    for (const cached of this.#cache.all) {
      if (this.#isFor(neighbour, cached)) this.#announcements.add(neighbour, cached.broadcast);
    }
  }

  forget(neighbour: Neighbour): void {
    this.#announcements.forget(neighbour);
  }

  /** Who brought a broadcast first, as long as it lives. */
  bringerOf(id: MessageId): Neighbour | undefined {
    return this.#cache.get(id)?.from;
  }

  /** That neighbour has it, and need not hear of it. */
  hold(neighbour: Neighbour, id: MessageId): void {
    this.#cache.get(id)?.holders.add(neighbour);
  }

  /** Sends a neighbour what it asked for, some times. */
  serve(neighbour: Neighbour, id: MessageId): void {
    const cached = this.#cache.get(id);
    const served = cached?.served.get(neighbour) ?? 0;
    if (!cached || served >= MAX_SERVINGS || !this.#isFor(neighbour, cached)) return;
    cached.served.set(neighbour, served + 1);
    if (!this.#push(neighbour, cached)) this.#announcements.add(neighbour, id);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#announcements.stop();
    this.#cache.clear();
  }

  #hand(neighbour: Neighbour, cached: CachedBroadcast): void {
    if (cached.holders.has(neighbour) || !this.#isFor(neighbour, cached)) return;
    const isBranch = this.#options.links.isEager(neighbour) && cached.hops < MAX_TREE_HOPS;
    const isPushed = (isBranch || cached.audience) && this.#push(neighbour, cached);
    if (!isPushed) this.#announcements.add(neighbour, cached.broadcast);
  }

  /** @returns whether the link took it, or it is too late for it. */
  #push(neighbour: Neighbour, { broadcast, expiresAtMs, ...sealed }: CachedBroadcast): boolean {
    const { signature, statement } = sealed;
    const remainingMs = expiresAtMs - this.#options.clock.monotonicMs();
    if (remainingMs <= 0) return true;
    const hops = Math.min(sealed.hops + 1, MAX_HOPS_SAID);
    const frame = { ...broadcast, hops, remainingMs, signature, statement };
    return this.#options.sender.send(neighbour, GossipKind.broadcast, broadcastFrameFields(frame));
  }

  #isFor(neighbour: Neighbour, { audience, broadcast }: CachedBroadcast): boolean {
    if (audience) return audience.has(neighbour.peerId);
    return neighbour.peerId !== broadcast.origin && this.#options.isWanted(neighbour, broadcast);
  }

  #schedule(): void {
    if (this.#cache.size === 0) return;
    this.#timer ??= this.#options.clock.setTimeout(() => this.#tick(), TICK, { background: true });
  }

  #tick(): void {
    this.#timer = undefined;
    const nowMs = this.#options.clock.monotonicMs();
    this.#cache.expire(nowMs);
    for (const cached of this.#cache.all) {
      if (cached.nextRoundMs > nowMs) continue;
      cached.roundMs *= 2;
      cached.nextRoundMs = nowMs + cached.roundMs;
      this.#announceAgain(cached);
    }
    this.#schedule();
  }

  #announceAgain(cached: CachedBroadcast): void {
    for (const neighbour of this.#options.links.all) {
      if (cached.holders.has(neighbour) || !this.#isFor(neighbour, cached)) continue;
      this.#announcements.add(neighbour, cached.broadcast);
    }
  }
}
