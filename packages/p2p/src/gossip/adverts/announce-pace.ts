import type { Clock, Timer } from "@net/core";

/** The most that anything waits, in ms. */
const MAX_DELAY = 10_000;
/**
 * The least time between two pressing announcements at first, in ms, each one in a row doubles it; and how long a new link waits,
 * so that its first round trip, and those made together with it, are told with it. More in a large network.
 */
const LEAST_HOLD = { least: 50, perPeer: 10, most: 2_000 } as const;
/** The most between two pressing announcements, however many there were in a row. */
const MOST_HOLD = { least: 1_000, perPeer: 15, most: MAX_DELAY } as const;
/** All peers of a network together tell what is not pressing so often: once every so many ms. */
const GAP = { least: 50, perPeer: 50, most: MAX_DELAY } as const;

/**
 * A timer that rings late says that this process has more to do than it can. Then what is not most urgent waits so many times as
 * long as that, at most for what it would wait in a large network: a crowd that can hardly follow must not be told even more.
 */
const LATENESS = 8;

/**
 * How urgent it is to tell the others of a change:
 *
 * - `now`: they may be sending what does not arrive;
 * - `soon`: they may reach somebody whom they could not;
 * - `later`: there is a better way, perhaps, or a worse one;
 * - `seldom`: an old way costs more, or less.
 */
export type Urgency = "now" | "soon" | "later" | "seldom";

const ranks: Readonly<Record<Urgency, number>> = { seldom: 0, later: 1, soon: 2, now: 3 };

/** The more urgent of two. */
export function moreUrgent(a: Urgency | undefined, b: Urgency | undefined): Urgency | undefined {
  return a && (!b || ranks[a] >= ranks[b]) ? a : b;
}

/** How a wait grows with the number of peers: all in ms. */
interface Scale {
  readonly least: number;
  readonly perPeer: number;
  readonly most: number;
}

/** Since when something waits, and when it was asked for last. */
interface Waiting {
  readonly sinceMs: number;
  readonly lastMs: number;
}

export interface AnnouncePaceOptions {
  readonly clock: Clock;
  /** How urgent what the last announcement did not say is by now; undefined if there is nothing of the kind. */
  readonly news: () => Urgency | undefined;
  /** Makes an announcement, and then calls {@link AnnouncePace.made}. */
  readonly announce: () => void;
  /** How many peers hear of it. */
  readonly peers: () => number;
}

/**
 * When to announce. What is pressing goes at once at first, together with all else of the same turn; while changes go on, ever
 * less often, down to once a second. As OSPF paces what it does on changes (RFC 8405 tells why), with limits for machines
 * that come and go. The other news waits: the longer, the more peers there are who must look at it, and as long again while more
 * of it comes. What was urgent may not be any more when its time has come.
 */
export class AnnouncePace {
  readonly #clock: Clock;
  readonly #news: () => Urgency | undefined;
  readonly #announce: () => void;
  readonly #peers: () => number;
  /** When anything was announced last, and when something pressing. */
  #lastMs = Number.NEGATIVE_INFINITY;
  #pressedMs = Number.NEGATIVE_INFINITY;
  /** By how much timers ring late, lately. */
  #lateMs = 0;
  /** How often the hold was doubled. */
  #doublings = 0;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  readonly #waiting = new Map<Urgency, Waiting>();
  #isQueued = false;
  #isStopped = false;

  constructor({ clock, news, announce, peers }: AnnouncePaceOptions) {
    this.#clock = clock;
    this.#news = news;
    this.#announce = announce;
    this.#peers = peers;
  }

  /** Something has changed. */
  request(urgency: Urgency = "now"): void {
    if (this.#isStopped) return;
    const nowMs = this.#clock.monotonicMs();
    const { sinceMs } = this.#waiting.get(urgency) ?? { sinceMs: nowMs };
    this.#waiting.set(urgency, { sinceMs, lastMs: nowMs });
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
    const isCalm = nowMs - this.#pressedMs >= 2 * this.#scaled(MOST_HOLD);
    this.#doublings = isCalm ? 0 : this.#doublings + 1;
    this.#pressedMs = nowMs;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  get #hold(): number {
    return Math.min(this.#scaled(LEAST_HOLD) * 2 ** this.#doublings, this.#scaled(MOST_HOLD));
  }

  #scaled({ least, perPeer, most }: Scale): number {
    return Math.min(Math.max(least, this.#peers() * perPeer), most);
  }

  /** How long what is not most urgent waits while this process is late. */
  #patient(scale: Scale): number {
    return Math.max(this.#scaled(scale), Math.min(this.#lateMs * LATENESS, scale.most));
  }

  /** As of now: who joins a network hears of most of its peers only after it has asked. */
  #dueMsOf(urgency: Urgency): number {
    const waiting = this.#waiting.get(urgency);
    if (!waiting) return Number.POSITIVE_INFINITY;
    const { sinceMs, lastMs } = waiting;
    if (urgency === "seldom") return Math.max(sinceMs, this.#lastMs + MAX_DELAY);
    const gap = this.#patient(GAP);
    if (urgency === "later") return Math.min(lastMs + gap, sinceMs + 2 * gap);
    const delay = urgency === "soon" ? this.#patient(LEAST_HOLD) : 0;
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
    const nowMs = this.#clock.monotonicMs();
    this.#lateMs = Math.max(nowMs - this.#dueMs, this.#lateMs / 2);
    this.#cancel();
    if (this.#isStopped) return;
    const due = [...this.#waiting.keys()].filter((urgency) => this.#dueMsOf(urgency) <= nowMs);
    if (due.length > 0) this.#tell(due);
    if (this.#waiting.size === 0) return;
    this.#by(Math.min(...[...this.#waiting.keys()].map((urgency) => this.#dueMsOf(urgency))));
  }

  /** If the news is by now less urgent than all that is due, it goes on waiting as what it is. */
  #tell(due: readonly Urgency[]): void {
    const news = this.#news();
    const isDue = news && due.some((urgency) => ranks[urgency] <= ranks[news]);
    if (isDue) this.#announce();
    // Announced by now, or there is nothing of the kind to say any more.
    for (const urgency of due) this.#waiting.delete(urgency);
    if (news && !isDue && !this.#waiting.has(news)) this.request(news);
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
