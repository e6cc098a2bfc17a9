import type { Clock, Timer } from "@net/core";

/** The least time between two announcements, at first, in ms; each one in a row doubles it. */
const INITIAL_HOLD = 200;
/** The most that becomes, in ms. */
const MAX_HOLD = 1_000;
/** After so long without one, the next is the first again. */
const QUIET: number = 2 * MAX_HOLD;

/**
 * When to announce: the first change at once, together with all others of the same turn; while changes go on, ever less
 * often, down to once a second. As OSPF paces what it does on changes (RFC 8405 tells why), with limits for machines
 * that come and go.
 */
export class AnnouncePace {
  readonly #clock: Clock;
  readonly #announce: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #hold = INITIAL_HOLD;
  #timer: Timer | undefined;
  #isQueued = false;
  #isStopped = false;

  constructor(clock: Clock, announce: () => void) {
    this.#clock = clock;
    this.#announce = announce;
  }

  /** Something has changed. */
  request(): void {
    if (this.#isQueued || this.#timer || this.#isStopped) return;
    const sinceMs = this.#clock.monotonicMs() - this.#lastMs;
    if (sinceMs >= QUIET) this.#hold = INITIAL_HOLD;
    if (sinceMs >= this.#hold) this.#queue();
    else this.#wait(this.#hold - sinceMs);
  }

  /** An announcement was made, whoever asked for it. */
  made(): void {
    const nowMs = this.#clock.monotonicMs();
    const isFirst = nowMs - this.#lastMs >= QUIET;
    this.#hold = isFirst ? INITIAL_HOLD : Math.min(this.#hold * 2, MAX_HOLD);
    this.#lastMs = nowMs;
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** If somebody else has announced by then, the next one waits its time. */
  #queue(): void {
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      const sinceMs = this.#clock.monotonicMs() - this.#lastMs;
      if (sinceMs >= this.#hold) this.#ring();
      else this.#wait(this.#hold - sinceMs);
    });
  }

  #wait(delay: number): void {
    if (this.#isStopped) return;
    this.#timer ??= this.#clock.setTimeout(() => this.#ring(), delay, { background: true });
  }

  #ring(): void {
    this.#timer = undefined;
    if (!this.#isStopped) this.#announce();
  }
}
