import { type Clock, type Rng, type Timer, TokenBuckets } from "@net/core";
import type { DatabaseDigest, DigestDifference, NetworkTopology } from "@net/routing";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";
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
  readonly clock: Clock;
  readonly rng: Rng;
}

/**
 * Makes the adverts of two neighbours equal by exchanging what differs: when they meet, and now and then with one of
 * them, so that whatever got lost is made good.
 */
export class Resync {
  readonly #options: ResyncOptions;
  readonly #comparisons: TokenBuckets;
  readonly #wanted: TokenBuckets;
  #timer: Timer | undefined;

  constructor(options: ResyncOptions) {
    this.#options = options;
    this.#comparisons = new TokenBuckets({ ...COMPARISONS, clock: options.clock });
    this.#wanted = new TokenBuckets({ ...WANTED, clock: options.clock });
  }

  start(): void {
    const { clock, rng } = this.#options;
    const delay = INTERVAL * (1 - rng.next() / 2);
    this.#timer = clock.setTimeout(() => this.#compareWithOne(), delay, { background: true });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
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
    const { topology, outbox, sender } = this.#options;
    const { want, send } = topology.resynchronise(difference);
    for (let start = 0; start < want.length; start += MAX_PER_FRAME) {
      const part = want.slice(start, start + MAX_PER_FRAME);
      if (!sender.send(from, GossipKind.want, wantFields(part))) break;
    }
    outbox.owe(
      from,
      send.map(({ origin }) => origin),
    );
  }

  /** @throws ProtocolError */
  want(from: Neighbour, fields: unknown): void {
    const origins = parseWant(fields);
    if (this.#wanted.of(from.peerId).tryTake(origins.length)) {
      this.#options.outbox.owe(from, origins);
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
