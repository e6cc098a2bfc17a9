import {
  type Clock,
  type Logger,
  NetworkError,
  ProtocolError,
  type Rng,
  type Timer,
} from "@net/core";
import {
  ADVERT_LIFETIME,
  ADVERT_REFRESH,
  type LinkStateAdvert,
  type LocalDescription,
  type NetworkTopology,
} from "@net/routing";
import { GossipKind } from "../kinds.ts";
import type { Codec, Neighbour, Sender } from "../neighbour.ts";
import { copyOf } from "../read.ts";
import type { Signatures } from "../signing.ts";
import type { Suspicion } from "../suspicion.ts";
import { type AdvertFrame, isNewer, parseAdvertFrame, type SignedAdvert } from "./advert-frame.ts";
import { AdvertShelf, type HeldAdvert } from "./advert-shelf.ts";
import { AnnouncePace } from "./announce-pace.ts";
import type { KeyBook } from "./key-book.ts";
import { AdvertOutbox } from "./outbox.ts";
import { advertFields, type PeerAdvert, parseAdvertFields } from "./peer-advert.ts";
import { Resync } from "./resync.ts";

/**
 * The most that is believed of an advert's age, in ms. The age is said by whoever passes it on: one who lies must not be able to
 * end another peer's advert before its next one is due.
 */
const MAX_BELIEVED_AGE: number = ADVERT_LIFETIME - 1.5 * ADVERT_REFRESH;

/** What a peer says of itself, besides its links and its subscriptions. */
export interface SelfDescription extends LocalDescription {
  /** Those of its tools that may run twice without harm. */
  readonly idempotent?: readonly string[] | undefined;
}

/** What becomes known of other peers. */
export interface AdvertObserver {
  /** A peer has sent a newer advert. */
  advertised(origin: string, advert: PeerAdvert): void;
  /** A peer has left, or was not heard of for too long. */
  gone(origin: string): void;
}

export interface AdvertGossipOptions {
  readonly self: string;
  /** The owner's word for this device, shown with every advert. */
  readonly certificate: () => string | undefined;
  readonly signatures: Signatures;
  readonly keys: KeyBook;
  readonly suspicion: Suspicion;
  readonly topology: NetworkTopology;
  readonly codec: Codec;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly describe: () => SelfDescription & Pick<PeerAdvert, "topics">;
  /** How many broadcasts this peer has sent. */
  readonly broadcasts: () => number;
  readonly observer: AdvertObserver;
}

/**
 * Tells every peer of the network about every other. Each newest advert crosses each link about once; old ones are recognised
 * before anything is verified; whoever was away or slow is brought up to date by comparing digests.
 */
export class AdvertGossip {
  readonly #options: AdvertGossipOptions;
  readonly #shelf: AdvertShelf;
  readonly #outbox: AdvertOutbox;
  readonly #resync: Resync;
  readonly #pace: AnnouncePace;
  readonly #off: () => void;
  #refresh: Timer | undefined;
  /** What the last advert said, but for the links. */
  #lastDescription = "";
  #linksChanged = true;
  #stopped = false;

  constructor(options: AdvertGossipOptions) {
    const { topology, codec, sender, clock } = options;
    this.#options = options;
    this.#shelf = new AdvertShelf(codec, clock);
    this.#outbox = new AdvertOutbox(sender, clock, (origin) => this.#frameOf(origin));
    this.#resync = new Resync({ ...options, outbox: this.#outbox });
    this.#pace = new AnnouncePace(clock, () => this.#announceChanges());
    this.#off = topology.on("topology:updated", ({ change }) => this.#topologyChanged(change));
    this.#resync.start();
    this.#scheduleRefresh();
  }

  /** What another peer says of itself, while it is there. */
  of(peerId: string): PeerAdvert | undefined {
    return peerId === this.#options.self ? undefined : this.#shelf.get(peerId);
  }

  /** The epoch of this peer's adverts. */
  get epoch(): number {
    return (this.#shelf.newest(this.#options.self) ?? this.#announceNow()).epoch;
  }

  linked(neighbour: Neighbour): void {
    const { self } = this.#options;
    this.#outbox.add(neighbour);
    if (this.#shelf.newest(self)) this.#outbox.owe(neighbour, [self]);
    else this.#tryAnnounce();
    this.#resync.meet(neighbour);
  }

  unlinked(neighbour: Neighbour): void {
    this.#outbox.remove(neighbour);
  }

  /** A neighbour has room again. */
  drained(neighbour: Neighbour): void {
    this.#outbox.flush(neighbour);
  }

  /** Something about this peer may have changed: tells all others, if it has, soon. */
  announce(): void {
    this.#pace.request();
  }

  /** @throws ProtocolError if the frame is malformed. */
  receive(from: Neighbour, kind: GossipKind, fields: unknown): void {
    if (kind === GossipKind.advert) this.#advert(from, parseAdvertFrame(fields));
    else if (kind === GossipKind.digest) this.#resync.digest(from, fields);
    else if (kind === GossipKind.difference) this.#resync.difference(from, fields);
    else this.#resync.want(from, fields);
  }

  /** Takes this peer out of the network. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#off();
    this.#pace.stop();
    this.#resync.stop();
    this.#refresh?.cancel();
    if (this.#shelf.newest(this.#options.self)) this.#publish(this.#options.topology.withdraw());
    this.#outbox.stop();
  }

  #advert(from: Neighbour, frame: AdvertFrame): void {
    const { origin } = frame;
    this.#outbox.settle(from, origin);
    const newest = this.#shelf.newest(origin);
    if (newest && isNewer(newest, frame)) {
      this.#correct(from, origin);
      return;
    }
    if (newest && !isNewer(frame, newest) && isCopy(frame, newest)) return;
    if (this.#options.suspicion.isIgnored(from)) return;
    const held = this.#open(from, frame);
    if (held) this.#take(from, held, frame.ageMs);
  }

  /** Whoever sends what is outdated about itself has lost its memory, or its clock went backwards: it must hear of it. */
  #correct(from: Neighbour, origin: string): void {
    if (from.peerId === origin) this.#outbox.owe(from, [origin]);
  }

  /** Reads and verifies. @throws ProtocolError if it is malformed. */
  #open(from: Neighbour, frame: AdvertFrame): HeldAdvert | undefined {
    const { codec, keys, signatures, suspicion } = this.#options;
    const advert = parseAdvertFields(codec.decode(frame.statement));
    assertSame(frame, advert.linkState);
    try {
      const key = keys.check({ ...frame, key: copyOf(frame.key) });
      if (signatures.verify("advert", key, frame)) return { ...keepable(frame), key, advert };
      suspicion.note(from, `the advert of ${frame.origin} is not signed by it`);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      suspicion.note(from, error.message);
    }
    return undefined;
  }

  #take(from: Neighbour, held: HeldAdvert, ageMs: number): void {
    const { self, topology, keys, observer } = this.#options;
    const { origin, advert } = held;
    const outcome = topology.applyAdvert({
      ...advert.linkState,
      ageMs: Math.min(ageMs, MAX_BELIEVED_AGE),
    });
    if (origin === self) this.#outrank(outcome);
    if (origin === self || outcome !== "applied") return;
    keys.bind(held);
    this.#shelf.put(held);
    if (advert.linkState.ttlMs === 0) observer.gone(origin);
    else observer.advertised(origin, advert);
    this.#outbox.spread(origin, from);
  }

  /** Somebody holds a newer advert of this peer than it ever sent: from before a restart. The next one is newer still. */
  #outrank(outcome: string): void {
    if (outcome !== "rejected") return;
    this.#linksChanged = true;
    this.#pace.request();
  }

  #announceChanges(): void {
    const isNews = this.#linksChanged || this.#describe().text !== this.#lastDescription;
    if (isNews) this.#tryAnnounce();
  }

  /** Nobody waits for it: what cannot be said is told to the log, and the last advert stays. */
  #tryAnnounce(): void {
    try {
      this.#announceNow();
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      this.#options.logger.error({ error }, "this peer's description cannot be announced");
    }
  }

  #announceNow(): HeldAdvert {
    const { description, text } = this.#describe();
    const { idempotent: _, topics: __, ...local } = description;
    const linkState = this.#options.topology.localAdvert(local);
    this.#lastDescription = text;
    this.#linksChanged = false;
    this.#pace.made();
    this.#scheduleRefresh();
    return this.#publish(linkState, description);
  }

  #publish(
    linkState: LinkStateAdvert,
    { idempotent = [], topics = [] }: Partial<SelfDescription & Pick<PeerAdvert, "topics">> = {},
  ): HeldAdvert {
    const { self, certificate, codec, signatures, broadcasts } = this.#options;
    const { origin, epoch, seq } = linkState;
    const advert = { linkState, idempotent, topics, broadcasts: broadcasts() };
    const statement = codec.encode(advertFields(advert));
    const proof = { key: signatures.publicKey, certificate: certificate() };
    const signature = signatures.sign("advert", statement);
    const held = { origin, epoch, seq, ...proof, signature, statement, advert };
    this.#shelf.put(held);
    this.#outbox.spread(self);
    return held;
  }

  /** The load in eighths: no receiver would choose otherwise for less. */
  #describe(): { description: SelfDescription & Pick<PeerAdvert, "topics">; text: string } {
    const { load = 0, ...described } = this.#options.describe();
    const description = { ...described, load: Math.round(load * 8) / 8 };
    return { description, text: JSON.stringify(description) };
  }

  #frameOf(origin: string): Uint8Array | undefined {
    const { topology } = this.#options;
    const [advert] = topology.advertsOf([origin]);
    return advert && this.#shelf.frame(origin, advert, advert.ageMs ?? 0);
  }

  #topologyChanged(change: string): void {
    if (change === "link") {
      this.#linksChanged = true;
      this.announce();
    } else if (change === "expiry") this.#sweep();
  }

  /** Early by up to a fifth, so that peers that were started together do not stay in step. */
  #scheduleRefresh(): void {
    const { clock, rng } = this.#options;
    this.#refresh?.cancel();
    const delay = ADVERT_REFRESH * (1 - rng.next() / 5);
    this.#refresh = clock.setTimeout(() => this.#repeat(), delay, { background: true });
  }

  #repeat(): void {
    this.#sweep();
    this.#options.keys.expire();
    this.#scheduleRefresh();
    if (this.#shelf.newest(this.#options.self)) this.#tryAnnounce();
  }

  #sweep(): void {
    const { self, topology, observer } = this.#options;
    const there = new Set(topology.advertsOf(this.#shelf.origins).map(({ origin }) => origin));
    const gone = this.#shelf.sweep((origin) => origin === self || there.has(origin));
    for (const origin of gone) observer.gone(origin);
  }
}

/** What is kept of a frame. */
function keepable(frame: AdvertFrame): Omit<SignedAdvert, "key"> {
  const { origin, epoch, seq, certificate } = frame;
  const signed = { signature: copyOf(frame.signature), statement: copyOf(frame.statement) };
  return { origin, epoch, seq, certificate, ...signed };
}

function isCopy(frame: AdvertFrame, held: { readonly signature: Uint8Array }): boolean {
  return Buffer.compare(frame.signature, held.signature) === 0;
}

function assertSame(frame: AdvertFrame, { origin, epoch, seq }: LinkStateAdvert): void {
  if (frame.origin === origin && frame.epoch === epoch && frame.seq === seq) return;
  throw new ProtocolError("an advert's frame and its statement speak of different adverts");
}
