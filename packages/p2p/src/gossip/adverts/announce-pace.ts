import type { Clock, Timer } from "@net/core";

/** The most between two pressing announcements in a small network, in ms. */
const MAX_HOLD = 1_000;
/** The most that anything waits, in ms. */
const MAX_DELAY = 10_000;
/**
 * The least time between two pressing announcements at first, in ms, each one in a row doubles it; and how long a new link waits,
 * so that its first round trip, and those made together with it, are told with it. More in a large network.
 */
const LEAST_HOLD = { least: 50, perPeer: 10, most: 2_000 } as const;
/** All peers of a network together tell what is not pressing so often: once every so many ms. */
const GAP = { least: 50, perPeer: 50, most: MAX_DELAY } as const;

/**
 * How urgent it is to tell the others of a change:
 *
 * - `now`: they may be sending what does not arrive;
 * - `soon`: they may reach somebody whom they could not;
 * - `later`: there is a better way, perhaps;
 * - `seldom`: an old way costs more, or less.
 */
export type Urgency = "now" | "soon" | "later" | "seldom";

/**
 * When to announce. What is pressing goes at once at first, together with all else of the same turn; while changes go on, ever
 * less often, down to once a second. As OSPF paces what it does on changes (RFC 8405 tells why), with limits for machines
 * that come and go. The other news waits: the longer, the more peers there are who must look at it.
 */
export class AnnouncePace {
  readonly #clock: Clock;
  readonly #announce: () => void;
  readonly #peers: () => number;
  /** When anything was announced last, and when something pressing. */
  #lastMs = Number.NEGATIVE_INFINITY;
  #pressedMs = Number.NEGATIVE_INFINITY;
  /** How often the hold was doubled. */
  #doublings = 0;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  /** What waits, and since when. */
  readonly #waiting = new Map<Urgency, number>();
  #isQueued = false;
  #isStopped = false;

  /** @param peers how many peers hear of it. */
  constructor(clock: Clock, announce: () => void, peers: () => number) {
    this.#clock = clock;
    this.#announce = announce;
    this.#peers = peers;
  }

  /** Something has changed. */
  request(urgency: Urgency = "now"): void {
    if (this.#isStopped) return;
    const nowMs = this.#clock.monotonicMs();
    if (!this.#waiting.has(urgency)) this.#waiting.set(urgency, nowMs);
    const dueMs = this.#dueMsOf(urgency);
    if (dueMs > nowMs) this.#by(dueMs);
    else this.#queue();
  }

  /** An announcement was made, whoever asked for it: it says all that there is to say. */
  made(): void {
    const nowMs = this.#clock.monotonicMs();
    const isPressing = this.#waiting.has("now") || this.#waiting.has("soon");
    this.#cancel();
    this.#waiting.clear();
    this.#lastMs = nowMs;
    if (!isPressing) return;
    const isCalm = nowMs - this.#pressedMs >= 2 * this.#maxHold;
    this.#doublings = isCalm ? 0 : this.#doublings + 1;
    this.#pressedMs = nowMs;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  get #maxHold(): number {
    return Math.max(this.#scaled(GAP), MAX_HOLD);
  }

  get #hold(): number {
    return Math.min(this.#scaled(LEAST_HOLD) * 2 ** this.#doublings, this.#maxHold);
  }

  #scaled({ least, perPeer, most }: typeof GAP | typeof LEAST_HOLD): number {
    return Math.min(Math.max(least, this.#peers() * perPeer), most);
  }

  /** As of now: who joins a network hears of most of its peers only after it has asked. */
  #dueMsOf(urgency: Urgency): number {
    const sinceMs = this.#waiting.get(urgency) ?? Number.POSITIVE_INFINITY;
    if (urgency === "seldom") return Math.max(sinceMs, this.#lastMs + MAX_DELAY);
    if (urgency === "later") return sinceMs + this.#scaled(GAP);
    const delay = urgency === "soon" ? this.#scaled(LEAST_HOLD) : 0;
    return Math.max(sinceMs + delay, this.#pressedMs + this.#hold);
  }

  /** After all else of this turn. If somebody else has announced by then, there is nothing left to say. */
  #queue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      this.#ring();
    });
  }

  #by(dueMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    const delay = Math.max(0, dueMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimeout(() => this.#ring(), delay, { background: true });
  }

  #ring(): void {
    this.#cancel();
    if (this.#isStopped || this.#waiting.size === 0) return;
    const dueMs = Math.min(...[...this.#waiting.keys()].map((urgency) => this.#dueMsOf(urgency)));
    if (dueMs > this.#clock.monotonicMs()) {
      this.#by(dueMs);
      return;
    }
    this.#announce();
    // Without news, none was made.
    this.#waiting.clear();
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
