import { type Clock, type Logger, NetworkError, type Rng, type Timer } from "@net/core";
import { ADVERT_REFRESH, type NetworkTopology } from "@net/routing";
import { GossipKind } from "../kinds.ts";
import type { Codec, Neighbour, Sender } from "../neighbour.ts";
import { type AdvertFrame, isNewer, parseAdvertFrame, type SignedAdvert } from "./advert-frame.ts";
import { AdvertReader, type AdvertReaderOptions, type VerifiedAdvert } from "./advert-reader.ts";
import { AdvertShelf, type HeldAdvert } from "./advert-shelf.ts";
import { AnnouncePace } from "./announce-pace.ts";
import { AdvertOutbox } from "./outbox.ts";
import { OwnAdverts, type OwnAdvertsOptions } from "./own-adverts.ts";
import type { PeerAdvert } from "./peer-advert.ts";
import { Resync } from "./resync.ts";

/** What becomes known of other peers. */
export interface AdvertObserver {
  /** A peer has sent a newer advert. */
  advertised(origin: string, advert: PeerAdvert): void;
  /** A peer has left, or was not heard of for too long. */
  gone(origin: string): void;
}

export interface AdvertGossipOptions extends OwnAdvertsOptions, AdvertReaderOptions {
  readonly self: string;
  readonly topology: NetworkTopology;
  readonly codec: Codec;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: AdvertObserver;
}

/**
 * Tells every peer of the network about every other. Each newest advert crosses each link about once; old ones are
 * recognised before anything is verified; whoever was away or slow is brought up to date by comparing digests.
 */
export class AdvertGossip {
  readonly #options: AdvertGossipOptions;
  readonly #own: OwnAdverts;
  readonly #reader: AdvertReader;
  readonly #shelf: AdvertShelf;
  readonly #outbox: AdvertOutbox;
  readonly #resync: Resync;
  readonly #pace: AnnouncePace;
  readonly #off: () => void;
  #refresh: Timer | undefined;
  #stopped = false;

  constructor(options: AdvertGossipOptions) {
    const { topology, codec, sender, clock } = options;
    this.#options = options;
    this.#own = new OwnAdverts(options);
    this.#reader = new AdvertReader(options);
    this.#shelf = new AdvertShelf(codec, clock);
    this.#outbox = new AdvertOutbox({
      ...{ sender, clock },
      frameOf: (origin) => this.#shelf.frame(origin),
      summaryOf: (origin) => this.#shelf.summary(origin),
    });
    const newest = (origin: string): SignedAdvert | undefined => this.#shelf.newest(origin);
    this.#resync = new Resync({ ...options, outbox: this.#outbox, newest });
    this.#pace = new AnnouncePace({
      clock,
      news: () => this.#own.news,
      announce: () => this.#tryAnnounce(),
      peers: () => this.#shelf.size,
    });
    this.#off = topology.on("topology:updated", ({ change }) => this.#topologyChanged(change));
    this.#resync.start();
    this.#scheduleRefresh();
  }

  /** What another peer says of itself, while it is there. */
  of(peerId: string): PeerAdvert | undefined {
    return peerId === this.#options.self ? undefined : this.#shelf.get(peerId);
  }

  /** The epoch of this peer's adverts. @throws ValidationError if it cannot be described. */
  get epoch(): number {
    return (this.#shelf.newest(this.#options.self) ?? this.#announceNow()).epoch;
  }

  linked(neighbour: Neighbour): void {
    const { self } = this.#options;
    this.#outbox.add(neighbour);
    if (this.#shelf.newest(self)) this.#outbox.greet(neighbour, self);
    else this.#tryAnnounce();
    this.#resync.meet(neighbour);
  }

  unlinked(neighbour: Neighbour): void {
    this.#outbox.remove(neighbour);
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
    if (this.#shelf.newest(this.#options.self)) this.#publish(this.#own.withdrawal());
    this.#outbox.flush();
    this.#outbox.stop();
  }

  #advert(from: Neighbour, frame: AdvertFrame): void {
    const { origin } = frame;
    const newest = this.#shelf.newest(origin);
    if (newest && isNewer(newest, frame)) {
      this.#correct(from, newest);
      return;
    }
    this.#outbox.settle(from, origin);
    // One of the same version that is no copy is looked at: its origin runs twice.
    if (newest && !isNewer(frame, newest) && isCopy(frame, newest)) return;
    const verified = this.#reader.read(from, frame);
    if (verified) this.#take(from, verified);
  }

  /**
   * Whoever sends what is outdated about itself has lost its memory, or its clock went backwards: it must hear of the
   * newer one, to outrank it. Also of one that counts no more: it is remembered here, and would keep the peer from
   * being heard.
   */
  #correct(from: Neighbour, newest: SignedAdvert): void {
    if (from.peerId !== newest.origin) return;
    const body = this.#shelf.reminder(newest.origin);
    if (body) this.#options.sender.offer(from, GossipKind.advert, body);
  }

  #take(from: Neighbour, { held, binding }: VerifiedAdvert): void {
    const { self, topology, keys } = this.#options;
    const { origin, advert } = held;
    const outcome = topology.applyAdvert(advert.linkState);
    // Somebody holds a newer advert of this peer than it ever sent: from before a restart. The next one is newer still.
    if (origin === self && outcome === "rejected") this.#announceAnew();
    if (origin === self || outcome !== "applied") return;
    keys.bind(binding);
    this.#shelf.put(held);
    this.#resync.came(origin);
    this.#tell(origin, advert);
    this.#outbox.passOn(origin, from);
  }

  #tell(origin: string, advert: PeerAdvert): void {
    const { observer } = this.#options;
    if (advert.linkState.ttlMs === 0) observer.gone(origin);
    else observer.advertised(origin, advert);
  }

  #announceAnew(): void {
    this.#own.noteLinks();
    this.#pace.request();
  }

  #linksChanged(): void {
    const urgency = this.#own.linkNews();
    if (urgency) this.#pace.request(urgency);
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

  #announceNow(): SignedAdvert {
    const own = this.#own.next();
    this.#pace.made();
    this.#scheduleRefresh();
    return this.#publish(own);
  }

  #publish(own: HeldAdvert): SignedAdvert {
    this.#shelf.put(own);
    this.#outbox.spread(own.origin);
    return own;
  }

  #topologyChanged(change: string): void {
    if (change === "link") this.#linksChanged();
    else if (change === "expiry") this.#sweep();
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

function isCopy(frame: AdvertFrame, held: SignedAdvert): boolean {
  return Buffer.compare(frame.signature, held.signature) === 0;
}
