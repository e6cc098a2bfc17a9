import { type Clock, type Rng, type Timer, TokenBuckets } from "@net/core";
import type {
  AdvertSummary,
  DatabaseDigest,
  DigestDifference,
  NetworkTopology,
} from "@net/routing";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
import { type AdvertVersion, isNewer } from "./advert-frame.ts";
import type { AdvertOutbox } from "./outbox.ts";
import {
  differenceFields,
  digestFields,
  MAX_PER_FRAME,
  parseDifference,
  parseDigest,
  parseWant,
  wantFields,
} from "./resync-frames.ts";
import { Wanted } from "./wanted.ts";

/** How often a neighbour, another each time, is asked whether both hold the same, in ms; jittered down to half. */
const INTERVAL = 30_000;
/** Each comparison walks through all adverts: a neighbour may ask for ten at once, and for one a second. */
const COMPARISONS = { capacity: 10, perSecond: 1 } as const;
/** How many adverts a neighbour may ask for: all there can be at once, then a thousand a second. */
const WANTED = { capacity: 32_768, perSecond: 1_024 } as const;

export interface ResyncOptions {
  readonly self: string;
  readonly topology: NetworkTopology;
  readonly outbox: AdvertOutbox;
  readonly sender: Sender;
  /** The newest version that is here. */
  readonly newest: (origin: string) => AdvertVersion | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
}

/**
 * Makes the adverts of two neighbours equal by exchanging what differs: when they meet, and now and then with one of
 * them, so that whatever got lost is made good. Also asks for what a neighbour says it has got.
 */
export class Resync {
  readonly #options: ResyncOptions;
  readonly #comparisons: TokenBuckets;
  /** How much they may ask for. */
  readonly #allowed: TokenBuckets;
  readonly #wanted: Wanted;
  #timer: Timer | undefined;

  constructor(options: ResyncOptions) {
    this.#options = options;
    this.#comparisons = new TokenBuckets({ ...COMPARISONS, clock: options.clock });
    this.#allowed = new TokenBuckets({ ...WANTED, clock: options.clock });
    const { clock, newest, outbox } = options;
    this.#wanted = new Wanted({
      ...{ clock, newest },
      isLinked: (neighbour) => outbox.has(neighbour),
      ask: (neighbour, origins) => this.#ask(neighbour, origins),
    });
  }

  start(): void {
    const { clock, rng } = this.#options;
    const delay = INTERVAL * (1 - rng.next() / 2);
    this.#timer = clock.setTimeout(() => this.#compareWithOne(), delay, { background: true });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wanted.stop();
  }

  /** An advert of that peer came. */
  came(origin: string): void {
    this.#wanted.settle(origin);
  }

  /** Both hear of the new link: the one with the lesser id begins. */
  meet(neighbour: Neighbour): void {
    if (this.#options.self < neighbour.peerId) this.#sendDigest(neighbour);
  }

  /** @throws ProtocolError */
  digest(from: Neighbour, fields: unknown): void {
    const digest = parseDigest(fields);
    if (!this.#comparisons.of(from.peerId).tryTake()) return;
    for (const difference of this.#differences(digest)) {
      this.#options.sender.send(from, GossipKind.difference, differenceFields(difference));
    }
  }

  /** @throws ProtocolError */
  difference(from: Neighbour, fields: unknown): void {
    const difference = parseDifference(fields);
    if (difference.buckets.length === 0) this.#summaries(from, difference.held);
    else this.#compared(from, difference);
  }

  /** @throws ProtocolError */
  want(from: Neighbour, fields: unknown): void {
    const origins = parseWant(fields);
    if (this.#allowed.of(from.peerId).tryTake(origins.length)) {
      this.#options.outbox.owe(from, origins);
    }
  }

  /** What the neighbour holds where both differ: it gets what it lacks, and is asked for the rest. */
  #compared(from: Neighbour, difference: DigestDifference): void {
    const { topology, outbox } = this.#options;
    const { want, send } = topology.resynchronise(difference);
    const wanted = new Set(want);
    const held = difference.held.filter(([origin]) => wanted.has(origin));
    this.#wanted.heldBy(from, held.map(toVersion));
    outbox.offer(
      from,
      send.map(({ origin }) => origin),
    );
  }

  /** What the neighbour has got lately. */
  #summaries(from: Neighbour, held: readonly AdvertSummary[]): void {
    const { outbox, newest } = this.#options;
    const versions = held.map(toVersion);
    for (const [origin, version] of versions) {
      const here = newest(origin);
      if (here && !isNewer(here, version)) outbox.settle(from, origin);
    }
    this.#wanted.heldBy(from, versions);
  }

  #ask(neighbour: Neighbour, origins: readonly string[]): void {
    const { sender } = this.#options;
    for (let start = 0; start < origins.length; start += MAX_PER_FRAME) {
      const part = origins.slice(start, start + MAX_PER_FRAME);
      if (!sender.send(neighbour, GossipKind.want, wantFields(part))) return;
    }
  }

  #compareWithOne(): void {
    const { outbox, rng } = this.#options;
    const { neighbours } = outbox;
    const neighbour = neighbours[Math.floor(rng.next() * neighbours.length)];
    if (neighbour) this.#sendDigest(neighbour);
    this.start();
  }

  #sendDigest(neighbour: Neighbour): void {
    const { sender, topology } = this.#options;
    sender.send(neighbour, GossipKind.digest, digestFields(topology.digest()));
  }

  /** In parts that fit frames: each part is the answer to a digest that differs in some buckets only. */
  #differences(digest: DatabaseDigest): readonly DigestDifference[] {
    const { topology } = this.#options;
    const whole = topology.compareDigest(digest);
    if (!whole || whole.held.length <= MAX_PER_FRAME) return whole ? [whole] : [];
    const own = topology.digest().buckets;
    const perPart = Math.max(
      1,
      Math.floor((whole.buckets.length * MAX_PER_FRAME) / whole.held.length),
    );
    const parts: DigestDifference[] = [];
    for (let start = 0; start < whole.buckets.length; start += perPart) {
      const part = new Set(whole.buckets.slice(start, start + perPart));
      const masked = own.map((bucket, i) => (part.has(i) ? (digest.buckets[i] as number) : bucket));
      const difference = topology.compareDigest({ buckets: masked });
      if (difference) parts.push(difference);
    }
    return parts;
  }
}

function toVersion([origin, epoch, seq]: AdvertSummary): readonly [string, AdvertVersion] {
  return [origin, { epoch, seq }];
}
