import { type Clock, EventPublisher } from "@net/core";
import type { NetworkTopology, PartitionRisk } from "@net/routing";
import { Alarm } from "./alarm.ts";

/** What is seen is told once nothing has changed for so long, in ms: so that all of a side tell the same, once. */
const QUIET = 500;
/** But not later than this after a change, in ms. */
const PATIENCE = 2_000;
/** Whoever arrives is noted so soon, in ms: who is lost right after it was there before. */
const ARRIVAL = 50;
/** The most peers remembered as lost. */
const MAX_LOST = 16_384;

/** The network has fallen apart, as one side sees it. Each member of a side that has settled tells the same. */
export interface PartitionView {
  /** Who is on this side, this peer included, ordered by id. */
  readonly members: readonly string[];
  /** Who was there before, did not say goodbye, and cannot be reached: on other sides, or dead. Ordered by id. */
  readonly lost: readonly string[];
  /** Whether this side has more than half of all, its members and the lost. */
  readonly majority: boolean;
}

export interface PartitionHealing extends PartitionView {
  /** Who was lost and can be reached again, ordered by id. */
  readonly healed: readonly string[];
}

export interface PartitionEvents {
  /** Peers were lost: `lost` has more than when it was told last. */
  "partition:detected": readonly [partition: PartitionView];
  /** Lost peers are back; all of them if `lost` is empty now. */
  "partition:healed": readonly [partition: PartitionHealing];
  /** A single failure could now cut peers off that it could not before. */
  "partition:risk": readonly [risk: PartitionRisk];
}

export interface PartitionObserverOptions {
  /** This peer. */
  readonly self: string;
  readonly clock: Clock;
  readonly topology: NetworkTopology;
}

/**
 * Tells when the network falls apart and when it is whole again, in terms on which all members of a side agree.
 *
 * The topology's own events tell at once and piece by piece what one node noticed, and while changes go on they come up to five
 * seconds late (RFC 8405). This waits half a second for the adverts to settle, and tells the sides as they then are.
 */
export class PartitionObserver extends EventPublisher<PartitionEvents> implements Disposable {
  readonly #options: PartitionObserverOptions;
  readonly #alarm: Alarm;
  readonly #arrivals: Alarm;
  readonly #listeners: readonly (() => void)[];
  readonly #lost = new Set<string>();
  #members: Set<string>;
  /** When nothing will have changed for long enough, unless something does. */
  #quietAtMs = Number.NEGATIVE_INFINITY;
  /** By when it is told, whatever happens. */
  #untilMs = Number.POSITIVE_INFINITY;

  constructor(options: PartitionObserverOptions) {
    super();
    const { self, clock, topology } = options;
    this.#options = options;
    this.#members = new Set([self]);
    this.#alarm = new Alarm(clock, () => this.#lookOnceQuiet());
    this.#arrivals = new Alarm(clock, () => this.#noteArrivals());
    this.#listeners = [
      topology.on("topology:updated", () => this.#changed()),
      topology.on("partition:risk", (risk) => this.emit("partition:risk", risk)),
    ];
    this.#changed();
  }

  /** The side on which this peer is, as it was when it was looked last. */
  get view(): PartitionView {
    const [members, lost] = [sorted(this.#members), sorted(this.#lost)];
    return { members, lost, majority: members.length > lost.length };
  }

  /** Tells nothing any more. Disposing twice is fine. */
  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
    this.#arrivals[Symbol.dispose]();
    for (const off of this.#listeners) off();
  }

  /** For nearly every advert: no timer is set anew for it. */
  #changed(): void {
    const now = this.#options.clock.monotonicMs();
    this.#quietAtMs = now + QUIET;
    this.#untilMs = Math.min(this.#untilMs, now + PATIENCE);
    this.#alarm.byAfter(QUIET);
    this.#arrivals.byAfter(ARRIVAL);
  }

  #lookOnceQuiet(): void {
    const waitMs = Math.min(this.#quietAtMs, this.#untilMs) - this.#options.clock.monotonicMs();
    if (waitMs > 0) this.#alarm.at(waitMs);
    else this.#look();
  }

  #noteArrivals(): void {
    for (const peerId of this.#options.topology.reachable()) {
      if (!this.#lost.has(peerId)) this.#members.add(peerId);
    }
  }

  #look(): void {
    this.#untilMs = Number.POSITIVE_INFINITY;
    const { topology } = this.#options;
    const before = this.#members;
    this.#members = topology.reachable();
    const healed = sorted(this.#lost).filter((peerId) => this.#members.has(peerId));
    // Of whom nothing is known any more has said goodbye: the adverts of those who are cut off live on for a while.
    const lost = [...before].filter((id) => !this.#members.has(id) && topology.peer(id));
    this.#note(healed, lost);
  }

  #note(healed: readonly string[], lost: readonly string[]): void {
    for (const peerId of healed) this.#lost.delete(peerId);
    for (const peerId of lost) this.#lost.add(peerId);
    const [oldest] = this.#lost;
    if (this.#lost.size > MAX_LOST && oldest !== undefined) this.#lost.delete(oldest);
    if (healed.length > 0) this.emit("partition:healed", { ...this.view, healed });
    if (lost.length > 0) this.emit("partition:detected", this.view);
  }
}

/** By UTF-16 code units: the same on every peer, whatever its language. */
function sorted(ids: Iterable<string>): string[] {
  return [...ids].sort((a, b) => (a < b ? -1 : Number(a > b)));
}
