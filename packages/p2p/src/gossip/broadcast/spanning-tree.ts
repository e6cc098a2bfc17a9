import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
import { type BroadcastFrame, parseBroadcastFrame } from "./broadcast-frame.ts";
import { idListFields, MAX_IDS, parseIdList } from "./id-lists.ts";
import { Intake, type IntakeOptions, type TakenBroadcast } from "./intake.ts";
import { type Broadcast, broadcastFields, type MessageId, type MessageKind } from "./message.ts";
import { Missing } from "./missing.ts";
import { SendLimits } from "./send-limits.ts";
import { Spreader } from "./spreader.ts";
import { TreeLinks } from "./tree-links.ts";

/** How long a broadcast may take unless its sender says otherwise, in ms. */
const DEFAULT_LIFETIME = 30_000;
/**
 * What is taken is kept for at least so long, in ms, or for its signed lifetime if that is less: one who passes on a
 * broadcast and lies that it is nearly over must not keep it from those behind.
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
 * SRDS 2007 (Plumtree). A broadcast goes at once over the links that are branches, and is announced on the others; a
 * copy makes its link no branch; an announcement of what does not come makes its link one. Beyond that paper, whatever
 * lives is announced again and again (see {@link Spreader}): so whoever can be reached within a broadcast's life gets
 * it.
 */
export class SpanningTree {
  readonly #options: SpanningTreeOptions;
  readonly #links: TreeLinks;
  readonly #limits: SendLimits;
  readonly #intake: Intake;
  readonly #spreader: Spreader;
  readonly #missing: Missing;
  readonly #prunedAtMs = new WeakMap<Neighbour, number>();
  readonly #counts = { received: 0, duplicates: 0, refused: 0, asked: 0 };
  #sent = 0;

  constructor(options: SpanningTreeOptions) {
    const { clock, maxPayloadBytes } = options;
    this.#options = options;
    const tell = (neighbour: Neighbour, kind: "graft" | "prune"): void => {
      if (kind === "graft") this.#graft(neighbour, []);
      else this.#prune(neighbour);
    };
    this.#links = new TreeLinks({ ...options, tell });
    this.#limits = new SendLimits(maxPayloadBytes, clock);
    this.#intake = new Intake(options);
    this.#spreader = new Spreader({ ...options, links: this.#links });
    this.#missing = new Missing({
      clock,
      isLinked: (neighbour) => this.#links.has(neighbour),
      ask: (neighbour, ids) => this.#ask(neighbour, ids),
    });
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
    this.#spreader.meet(neighbour);
  }

  unlinked(neighbour: Neighbour): void {
    this.#spreader.forget(neighbour);
    this.#links.remove(neighbour);
  }

  /**
   * @throws ValidationError if it is too large or its lifetime out of range; RateLimitError beyond 100 a second or 4 MiB a
   * second.
   */
  send({ kind, name, payload, lifetime = DEFAULT_LIFETIME, to }: OutgoingBroadcast): void {
    const { self, codec, signatures } = this.#options;
    const epoch = this.#options.epoch();
    this.#limits.take(payload.length, lifetime);
    const id = { origin: self, epoch, seq: ++this.#sent };
    const scope = to ? "neighbours" : "all";
    const broadcast: Broadcast = { ...id, kind, scope, name, lifetimeMs: lifetime, payload };
    const statement = codec.encode(broadcastFields(broadcast));
    const signature = signatures.sign("broadcast", statement);
    const sealed = { broadcast, statement, signature };
    this.#spreader.spread({ ...sealed, hops: 0, remainingMs: lifetime, audience: to });
  }

  /** @throws ProtocolError if the frame is malformed. */
  receive(from: Neighbour, kind: GossipKind, fields: unknown): void {
    if (kind === GossipKind.broadcast) this.#broadcast(from, parseBroadcastFrame(fields));
    else if (kind === GossipKind.ihave) this.#announced(from, parseIdList(fields));
    else if (kind === GossipKind.graft) this.#grafted(from, parseIdList(fields));
    else this.#links.demote(from);
  }

  stop(): void {
    this.#spreader.stop();
    this.#missing.stop();
    this.#links.clear();
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
      this.#links.promote(from);
      const audience = this.#options.relay ? undefined : nobody;
      const leftMs = Math.min(Math.max(remainingMs, LEAST_STAY), broadcast.lifetimeMs);
      this.#spreader.spread({ ...taken, hops, remainingMs: leftMs, from, audience });
    }
    this.#options.deliver(broadcast);
  }

  /** A copy: one of the two links over which it came is no branch. */
  #duplicate(from: Neighbour, id: MessageId): void {
    this.#counts.duplicates += 1;
    this.#spreader.hold(from, id);
    const superfluous = this.#superfluous(from, this.#spreader.bringerOf(id));
    if (!this.#links.has(superfluous)) return;
    const nowMs = this.#options.clock.monotonicMs();
    const toldAtMs = this.#prunedAtMs.get(superfluous) ?? Number.NEGATIVE_INFINITY;
    const isDeaf = nowMs - toldAtMs >= PRUNE_INTERVAL;
    if (this.#links.isEager(superfluous) || isDeaf) this.#prune(superfluous);
  }

  /**
   * The link over which the second copy came; but where the first came straight from a leaf, which passes on nothing
   * else, a leaf keeps its branch to the relay.
   */
  #superfluous(second: Neighbour, first: Neighbour | undefined): Neighbour {
    const { relay, relays } = this.#options;
    return !relay && relays(second) && first && !relays(first) ? first : second;
  }

  #announced(from: Neighbour, ids: readonly MessageId[]): void {
    const { self, guard } = this.#options;
    for (const id of ids) {
      this.#spreader.hold(from, id);
      if (id.origin !== self && guard.judge(id) === "fresh") this.#missing.announced(from, id);
    }
  }

  #grafted(from: Neighbour, ids: readonly MessageId[]): void {
    this.#links.promote(from);
    for (const id of ids) this.#spreader.serve(from, id);
  }

  #ask(neighbour: Neighbour, ids: readonly MessageId[]): void {
    this.#counts.asked += ids.length;
    this.#links.promote(neighbour);
    for (let start = 0; start < ids.length; start += MAX_IDS) {
      this.#graft(neighbour, ids.slice(start, start + MAX_IDS));
    }
  }

  #graft(neighbour: Neighbour, ids: readonly MessageId[]): void {
    this.#options.sender.send(neighbour, GossipKind.graft, idListFields(ids));
  }

  #prune(neighbour: Neighbour): void {
    this.#links.demote(neighbour);
    this.#prunedAtMs.set(neighbour, this.#options.clock.monotonicMs());
    this.#options.sender.send(neighbour, GossipKind.prune, []);
  }
}
