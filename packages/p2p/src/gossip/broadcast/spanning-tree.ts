import { RateLimitError, type Timer, TokenBucket, ValidationError } from "@net/core";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
import { Announcements } from "./announcements.ts";
import {
  type BroadcastFrame,
  broadcastFrameFields,
  MAX_HOPS_SAID,
  parseBroadcastFrame,
} from "./broadcast-frame.ts";
import { idListFields, MAX_IDS, parseIdList } from "./id-lists.ts";
import { Intake, type IntakeOptions, type TakenBroadcast } from "./intake.ts";
import {
  type Broadcast,
  broadcastFields,
  MAX_LIFETIME,
  type MessageId,
  type MessageKind,
} from "./message.ts";
import { type CachedBroadcast, MessageCache } from "./message-cache.ts";
import { Missing } from "./missing.ts";
import { TreeLinks } from "./tree-links.ts";

/**
 * The most links that a broadcast goes over the tree; beyond them it is announced, and sent to who asks. A way over a tree is longer
 * than a route, by far more than twice in sparse networks; nothing goes round in circles anyway, since each peer passes it on once.
 */
export const MAX_TREE_HOPS = 32;
/** How long a broadcast may take unless its sender says otherwise, in ms. */
export const DEFAULT_LIFETIME = 30_000;

/** What one peer may send: so many at once, so many a second. */
const OWN_MESSAGES = { capacity: 256, perSecond: 100 } as const;
const OWN_BYTES = { capacity: 2 ** 24, perSecond: 2 ** 22 } as const;
/** How long after a broadcast came its neighbours are told of it again, in ms; each time twice as long. */
const FIRST_ROUND = 1_000;
/** How often the cache is looked through, in ms. */
const TICK = 500;
/** How often a neighbour is sent the same broadcast on request. */
const MAX_SERVINGS = 4;
/**
 * What is taken is kept for at least so long, in ms, or for its signed lifetime if that is less: one who passes on a broadcast and
 * lies that it is nearly over must not keep it from those behind.
 */
const LEAST_STAY = 5_000;
/** What one who does not relay passes on. */
const nobody: ReadonlySet<string> = new Set();
/** How often a neighbour that does not hear is told that its link is no branch, in ms. */
const PRUNE_INTERVAL = 1_000;

export interface SpanningTreeOptions extends IntakeOptions {
  /** Whether this peer passes on what is for others. */
  readonly relay: boolean;
  readonly relays: (neighbour: Neighbour) => boolean;
  /** Whether it makes sense to hand it to that neighbour, for itself or for those behind it. */
  readonly isWanted: (neighbour: Neighbour, broadcast: Broadcast) => boolean;
  /** Which start of this peer it is. */
  readonly epoch: () => number;
  readonly sender: Sender;
  readonly deliver: (broadcast: Broadcast) => void;
}

/** What an application hands over to be sent. */
export interface OutgoingBroadcast {
  readonly kind: MessageKind;
  readonly name: string;
  readonly payload: Uint8Array;
  /** Default 30 s, at most 60 s, in ms. */
  readonly lifetime?: number | undefined;
  /** Only these neighbours. Default: all peers. */
  readonly to?: ReadonlySet<string> | undefined;
}

/** How broadcasts fare, as counts since the start. */
export interface TreeStats {
  /** Broadcasts of others that were taken. */
  readonly received: number;
  /** Copies of what was there already. */
  readonly duplicates: number;
  /** What was not believed, not for this peer, or too late. */
  readonly refused: number;
  /** Broadcasts that did not come by themselves. */
  readonly asked: number;
  /** Links that are branches of the tree now. */
  readonly branches: number;
}

/**
 * Broadcasts over a tree that forms itself, and heals: J. Leitão, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees",
 * SRDS 2007 (Plumtree). A broadcast goes at once over the links that are branches, and is announced on the others; a copy makes
 * its link no branch; an announcement of what does not come makes its link one. Beyond that paper, what a link did not take
 * is announced to it later, and all that lives is announced again to all, after 1, 2, 4, … s and on each new link: so whoever
 * can be reached within a broadcast's life gets it.
 */
export class SpanningTree {
  readonly #options: SpanningTreeOptions;
  readonly #links: TreeLinks;
  readonly #intake: Intake;
  readonly #cache = new MessageCache();
  readonly #announcements: Announcements;
  readonly #missing: Missing;
  readonly #ownMessages: TokenBucket;
  readonly #ownBytes: TokenBucket;
  readonly #prunedAtMs = new WeakMap<Neighbour, number>();
  #sent = 0;
  #counts = { received: 0, duplicates: 0, refused: 0, asked: 0 };
  #timer: Timer | undefined;

  constructor(options: SpanningTreeOptions) {
    const { sender, clock, relay, relays } = options;
    this.#options = options;
    const tell = (neighbour: Neighbour, kind: "graft" | "prune"): void => {
      if (kind === "graft") this.#graft(neighbour, []);
      else this.#prune(neighbour);
    };
    this.#links = new TreeLinks({ relay, relays, tell });
    this.#intake = new Intake(options);
    const isHere = (id: MessageId): boolean => this.#cache.get(id) !== undefined;
    this.#announcements = new Announcements(sender, clock, isHere);
    this.#missing = new Missing({
      clock,
      isLinked: (neighbour) => this.#links.has(neighbour),
      ask: (neighbour, ids) => this.#ask(neighbour, ids),
    });
    this.#ownMessages = new TokenBucket({ ...OWN_MESSAGES, clock });
    this.#ownBytes = new TokenBucket({ ...OWN_BYTES, clock });
  }

  /** How many broadcasts this peer has sent. */
  get sent(): number {
    return this.#sent;
  }

  get stats(): TreeStats {
    return { ...this.#counts, branches: this.#links.eagerCount };
  }

  linked(neighbour: Neighbour): void {
    this.#links.add(neighbour);
    for (const cached of this.#cache.all) {
      if (this.#isFor(neighbour, cached)) this.#announcements.add(neighbour, cached.broadcast);
    }
  }

  unlinked(neighbour: Neighbour): void {
    this.#announcements.forget(neighbour);
    this.#links.remove(neighbour);
  }

  /**
   * @throws ValidationError if it is too large or its lifetime out of range; RateLimitError beyond 100 a second or 4 MiB a
   * second.
   */
  send({ kind, name, payload, lifetime = DEFAULT_LIFETIME, to }: OutgoingBroadcast): void {
    this.#assertAllowed(payload, lifetime);
    const { self, epoch, codec, signatures } = this.#options;
    const id = { origin: self, epoch: epoch(), seq: ++this.#sent };
    const scope = to ? "neighbours" : "all";
    const broadcast: Broadcast = { ...id, kind, scope, name, lifetimeMs: lifetime, payload };
    const statement = codec.encode(broadcastFields(broadcast));
    const signature = signatures.sign("broadcast", statement);
    this.#spread({ broadcast, statement, signature, hops: 0, remainingMs: lifetime, audience: to });
  }

  /** @throws ProtocolError if the frame is malformed. */
  receive(from: Neighbour, kind: GossipKind, fields: unknown): void {
    if (kind === GossipKind.broadcast) this.#broadcast(from, parseBroadcastFrame(fields));
    else if (kind === GossipKind.ihave) this.#announced(from, parseIdList(fields));
    else if (kind === GossipKind.graft) this.#grafted(from, parseIdList(fields));
    else this.#links.set(from, "lazy");
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#announcements.stop();
    this.#missing.stop();
    this.#cache.clear();
    this.#links.clear();
  }

  #assertAllowed(payload: Uint8Array, lifetime: number): void {
    const { maxPayloadBytes } = this.#options;
    if (payload.length > maxPayloadBytes) {
      const message = `a broadcast of ${payload.length} bytes is over the limit of ${maxPayloadBytes}`;
      throw new ValidationError(message, { code: "FRAME_TOO_LARGE" });
    }
    if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME) {
      throw new ValidationError(`a broadcast's lifetime must be 1 to ${MAX_LIFETIME} whole ms`);
    }
    const waitMs = Math.max(this.#ownMessages.waitMs(), this.#ownBytes.waitMs(payload.length));
    if (waitMs > 0) {
      const retryAfterMs = Math.ceil(waitMs);
      throw new RateLimitError("this peer broadcasts more than others would take", {
        retryAfterMs,
      });
    }
    this.#ownMessages.tryTake();
    this.#ownBytes.tryTake(payload.length);
  }

  #broadcast(from: Neighbour, frame: BroadcastFrame): void {
    const verdict = this.#intake.judge(from, frame);
    if (verdict === "seen") this.#duplicate(from, frame);
    else if (verdict === "later") this.#missing.announced(from, frame);
    else if (verdict === "refused") this.#counts.refused += 1;
    else this.#accept(from, frame, verdict);
  }

  #accept(from: Neighbour, { hops, remainingMs }: BroadcastFrame, taken: TakenBroadcast): void {
    const { broadcast } = taken;
    this.#counts.received += 1;
    this.#missing.settle(broadcast);
    if (broadcast.scope === "all") {
      this.#links.set(from, "eager");
      const audience = this.#options.relay ? undefined : nobody;
      const leftMs = Math.min(Math.max(remainingMs, LEAST_STAY), broadcast.lifetimeMs);
      this.#spread({ ...taken, hops, remainingMs: leftMs, from, audience });
    }
    this.#options.deliver(broadcast);
  }

  /**
   * A copy: one of the two links is no branch. That is the one over which this copy came; but where the first came straight from
   * a leaf, which passes on nothing else, a leaf keeps its branch to the relay.
   */
  #duplicate(from: Neighbour, id: MessageId): void {
    const { relay, relays } = this.#options;
    this.#counts.duplicates += 1;
    this.#hold(from, id);
    const first = this.#cache.get(id)?.from;
    const isBranchToRelay = !relay && relays(from) && first !== undefined && !relays(first);
    const superfluous = isBranchToRelay ? first : from;
    const nowMs = this.#options.clock.monotonicMs();
    const wasToldMs = this.#prunedAtMs.get(superfluous) ?? Number.NEGATIVE_INFINITY;
    const isDeaf = nowMs - wasToldMs >= PRUNE_INTERVAL;
    if (this.#links.isEager(superfluous) || isDeaf) this.#prune(superfluous);
  }

  #announced(from: Neighbour, ids: readonly MessageId[]): void {
    const { self, guard } = this.#options;
    for (const id of ids) {
      this.#hold(from, id);
      if (id.origin !== self && guard.judge(id) === "fresh") this.#missing.announced(from, id);
    }
  }

  #grafted(from: Neighbour, ids: readonly MessageId[]): void {
    this.#links.set(from, "eager");
    for (const id of ids) {
      const cached = this.#cache.get(id);
      const served = cached?.served.get(from) ?? 0;
      if (!cached || served >= MAX_SERVINGS || !this.#isFor(from, cached)) continue;
      cached.served.set(from, served + 1);
      if (!this.#push(from, cached)) this.#announcements.add(from, id);
    }
  }

  #spread({
    remainingMs,
    ...sealed
  }: Pick<CachedBroadcast, "broadcast" | "statement" | "signature" | "hops"> & {
    readonly remainingMs: number;
    readonly audience?: ReadonlySet<string> | undefined;
    readonly from?: Neighbour;
  }): void {
    const { broadcast, statement, signature, hops, audience, from } = sealed;
    const nowMs = this.#options.clock.monotonicMs();
    const cached: CachedBroadcast = {
      ...{ broadcast, statement, signature, hops, from, audience },
      expiresAtMs: nowMs + remainingMs,
      holders: new Set(from && [from]),
      served: new Map(),
      ...{ nextRoundMs: nowMs + FIRST_ROUND, roundMs: FIRST_ROUND },
    };
    this.#cache.add(cached);
    for (const neighbour of [...this.#links.all]) this.#hand(neighbour, cached);
    this.#schedule();
  }

  /** Over a branch as it is, over other links its id. */
  #hand(neighbour: Neighbour, cached: CachedBroadcast): void {
    if (cached.holders.has(neighbour) || !this.#isFor(neighbour, cached)) return;
    const isBranch = this.#links.isEager(neighbour) && cached.hops < MAX_TREE_HOPS;
    const isPushed = (isBranch || cached.audience) && this.#push(neighbour, cached);
    if (!isPushed) this.#announcements.add(neighbour, cached.broadcast);
  }

  #push(neighbour: Neighbour, cached: CachedBroadcast): boolean {
    const { broadcast, hops, expiresAtMs, signature, statement } = cached;
    const remainingMs = expiresAtMs - this.#options.clock.monotonicMs();
    if (remainingMs <= 0) return true;
    const frame = {
      ...broadcast,
      hops: Math.min(hops + 1, MAX_HOPS_SAID),
      remainingMs,
      signature,
      statement,
    };
    return this.#options.sender.send(neighbour, GossipKind.broadcast, broadcastFrameFields(frame));
  }

  #isFor(neighbour: Neighbour, { audience, broadcast }: CachedBroadcast): boolean {
    if (audience) return audience.has(neighbour.peerId);
    return neighbour.peerId !== broadcast.origin && this.#options.isWanted(neighbour, broadcast);
  }

  /** That neighbour has it. */
  #hold(neighbour: Neighbour, id: MessageId): void {
    this.#cache.get(id)?.holders.add(neighbour);
  }

  #ask(neighbour: Neighbour, ids: readonly MessageId[]): void {
    this.#counts.asked += ids.length;
    this.#links.set(neighbour, "eager");
    for (let start = 0; start < ids.length; start += MAX_IDS) {
      this.#graft(neighbour, ids.slice(start, start + MAX_IDS));
    }
  }

  #graft(neighbour: Neighbour, ids: readonly MessageId[]): void {
    this.#options.sender.send(neighbour, GossipKind.graft, idListFields(ids));
  }

  #prune(neighbour: Neighbour): void {
    this.#links.set(neighbour, "lazy");
    this.#prunedAtMs.set(neighbour, this.#options.clock.monotonicMs());
    this.#options.sender.send(neighbour, GossipKind.prune, []);
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
    for (const neighbour of this.#links.all) {
      if (cached.holders.has(neighbour) || !this.#isFor(neighbour, cached)) continue;
      this.#announcements.add(neighbour, cached.broadcast);
    }
  }
}
