import type { Clock, Timer } from "@net/core";

/** The least time between two pressing announcements, at first, in ms; each one in a row doubles it. */
const INITIAL_HOLD = 50;
/** The most that becomes in a small network, in ms. */
const MAX_HOLD = 1_000;
/** The most that anything waits, in ms. */
const MAX_DELAY = 10_000;
/** So that the first round trip over a new link is told with the link, in ms. */
const FIRST_TRIP = 50;
/** All peers of a network together tell what is not pressing so often: once every so many ms. */
const NETWORK_GAP = 50;

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
  #hold = INITIAL_HOLD;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #isPressing = false;
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
    if (urgency === "later") this.#by(Math.max(nowMs + FIRST_TRIP, nowMs + this.#gap));
    else if (urgency === "seldom") this.#by(Math.max(nowMs, this.#lastMs + MAX_DELAY));
    else this.#press(nowMs, urgency === "soon" ? FIRST_TRIP : 0);
  }

  /** An announcement was made, whoever asked for it: it says all that there is to say. */
  made(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#cancel();
    this.#lastMs = nowMs;
    if (!this.#isPressing) return;
    this.#isPressing = false;
    const isCalm = nowMs - this.#pressedMs >= 2 * this.#maxHold;
    this.#hold = isCalm ? INITIAL_HOLD : Math.min(this.#hold * 2, this.#maxHold);
    this.#pressedMs = nowMs;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  get #gap(): number {
    return Math.min(this.#peers() * NETWORK_GAP, MAX_DELAY);
  }

  get #maxHold(): number {
    return Math.max(this.#gap, MAX_HOLD);
  }

  #press(nowMs: number, delay: number): void {
    this.#isPressing = true;
    const dueMs = Math.max(nowMs + delay, this.#pressedMs + this.#hold);
    if (dueMs > nowMs) this.#by(dueMs);
    else this.#queue();
  }

  #queue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      // If somebody else has announced by then, there is nothing left to say.
      if (this.#isPressing) this.#ring();
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
    if (!this.#isStopped) this.#announce();
    this.#isPressing = false;
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
