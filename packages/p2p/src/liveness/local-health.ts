import { type Clock, EventPublisher, type Timer } from "@net/core";

/** How often this process looks whether it runs, in ms. */
const PERIOD = 500;
/** A timer may be so late, in ms, before it says anything. */
const TOLERANCE = 100;
/** So late, in ms, counts twice. */
const VERY_LATE = 1_000;
/** A multiplier of at most 4: memberlist has 8, but for limits that are a tenth of those here. */
const MAX_SCORE = 3;
/** How many looks "lately" is: two seconds. */
const LATELY = 4;
/** What one punctual look takes off the score: back to health in seconds. */
const RECOVERY = 0.5;

export interface LocalHealthOptions {
  readonly clock: Clock;
  /** Not to have run for so long, in ms, is a sleep: others may have given this peer up. */
  readonly wakeAfter: number;
}

export interface LocalHealthEvents {
  /** This process did not run: the machine was suspended, or the process stopped or blocked for long. */
  wake: readonly [asleepMs: number];
  /** It runs: twice a second. */
  looked: readonly [];
}

/**
 * How well this process itself runs. Who is slow finds everybody else slow: Lifeguard's local health (DSN 2018), fed by
 * the lateness of the event loop. Time in which this process did not run does not count as anybody's silence.
 */
export class LocalHealth extends EventPublisher<LocalHealthEvents> implements Disposable {
  readonly #clock: Clock;
  readonly #wakeAfterMs: number;
  #timer: Timer | undefined;
  #dueMs = 0;
  #stalledMs = 0;
  /** When somebody last asked how much attentive time had passed. */
  #askedAtMs = 0;
  #score = 0;
  /** How late each of the last looks was, the newest first. */
  #lagsMs: readonly number[] = [0];
  #wasLate = false;
  #asleepMs = 0;
  /** How far the wall clock was ahead of the monotonic one at the last look. */
  #aheadMs = 0;

  constructor({ clock, wakeAfter }: LocalHealthOptions) {
    super();
    this.#clock = clock;
    this.#wakeAfterMs = wakeAfter;
    this.#askedAtMs = clock.monotonicMs();
    this.#aheadMs = clock.nowMs() - clock.monotonicMs();
    this.#arm();
  }

  /** What timeouts for others are multiplied with: 1 if all is well here, at most 4. */
  get multiplier(): number {
    return 1 + this.#score;
  }

  /** How late the event loop was in the last two seconds at worst. */
  get loopLagMs(): number {
    this.#notice();
    return Math.max(...this.#lagsMs);
  }

  /** Monotonic time in which this process ran, and could have heard something. It never goes back. */
  attentiveMs(): number {
    this.#askedAtMs = this.#notice();
    return this.#askedAtMs - this.#stalledMs;
  }

  /** There is another sign that the trouble may be here: somebody suspects this peer. */
  worse(): void {
    this.#score = Math.min(MAX_SCORE, this.#score + 1);
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#dueMs = this.#clock.monotonicMs() + PERIOD;
    this.#timer = this.#clock.setTimeout(() => this.#look(), PERIOD, { background: true });
  }

  #look(): void {
    this.#notice();
    this.#noticeSuspension();
    this.#score = this.#wasLate ? this.#score : Math.max(0, this.#score - RECOVERY);
    this.#lagsMs = [0, ...this.#lagsMs].slice(0, LATELY);
    this.#wasLate = false;
    const asleepMs = this.#asleepMs;
    this.#asleepMs = 0;
    this.#arm();
    if (asleepMs > 0) this.emit("wake", asleepMs);
    this.emit("looked");
  }

  /** After a stall, any timer may ring before the own one: whoever asks first finds out. */
  #notice(): number {
    const now = this.#clock.monotonicMs();
    const lateMs = now - this.#dueMs;
    if (lateMs <= TOLERANCE) return now;
    // While the look was late by less than that, attentive time went on, and somebody may have been told so.
    this.#stalledMs += now - Math.max(this.#dueMs, this.#askedAtMs);
    this.#dueMs = now;
    this.#wasLate = true;
    this.#lagsMs = [Math.round(lateMs), ...this.#lagsMs.slice(1)];
    if (lateMs >= this.#wakeAfterMs) this.#asleepMs = Math.max(this.#asleepMs, lateMs);
    else this.#score = Math.min(MAX_SCORE, this.#score + (lateMs >= VERY_LATE ? 2 : 1));
    return now;
  }

  /**
   * On most systems the monotonic clock stands still while the machine sleeps, and only the wall clock tells. A wall clock that is set
   * forward looks the same, and costs one probe of each neighbour.
   */
  #noticeSuspension(): void {
    const aheadMs = this.#clock.nowMs() - this.#clock.monotonicMs();
    const jumpMs = aheadMs - this.#aheadMs;
    this.#aheadMs = aheadMs;
    if (jumpMs >= this.#wakeAfterMs) this.#asleepMs = Math.max(this.#asleepMs, jumpMs);
  }
}
