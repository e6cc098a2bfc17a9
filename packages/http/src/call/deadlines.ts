import type { Clock, Timer } from "@net/core";

/** What has a deadline. It is told once, unless it was taken out before. */
export interface Expiring {
  expire(): void;
}

/** A place in the queue. */
export interface DeadlineEntry {
  readonly expiring: Expiring;
  readonly dueMs: number;
  readonly queue: Queue;
  before: DeadlineEntry | undefined;
  after: DeadlineEntry | undefined;
}

/**
 * Deadlines of many calls, for the price of a few timers: calls with the same time-out expire in the order in which they
 * came, so each time-out has one queue and one timer, for its first. They ring to the millisecond, never early.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #queues = new Map<number, Queue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param timeout in ms, finite. */
  add(expiring: Expiring, timeout: number): DeadlineEntry {
    let queue = this.#queues.get(timeout);
    if (!queue) {
      queue = new Queue(this.#clock, timeout, () => this.#queues.delete(timeout));
      this.#queues.set(timeout, queue);
    }
    return queue.add(expiring);
  }
}

class Queue {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #onEmpty: () => void;
  #first: DeadlineEntry | undefined;
  #last: DeadlineEntry | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, timeout: number, onEmpty: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onEmpty = onEmpty;
  }

  add(expiring: Expiring): DeadlineEntry {
    const dueMs = this.#clock.monotonicMs() + this.#timeout;
    const entry: DeadlineEntry = {
      expiring,
      dueMs,
      queue: this,
      before: this.#last,
      after: undefined,
    };
    if (this.#last) this.#last.after = entry;
    else this.#begin(entry);
    this.#last = entry;
    return entry;
  }

  remove(entry: DeadlineEntry): void {
    const { before, after } = entry;
    if (before) before.after = after;
    else if (this.#first === entry) this.#first = after;
    else return;
    if (after) after.before = before;
    else this.#last = before;
    entry.before = undefined;
    if (!this.#first) this.#end();
  }

  #begin(entry: DeadlineEntry): void {
    this.#first = entry;
    this.#arm(this.#timeout);
  }

  #end(): void {
    this.#timer?.cancel();
    this.#onEmpty();
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#ring(), delay);
  }

  /** The timer was set for one that may be gone: what is due expires, and the next is waited for. */
  #ring(): void {
    const nowMs = this.#clock.monotonicMs();
    while (this.#first && this.#first.dueMs <= nowMs) {
      const { expiring } = this.#first;
      this.remove(this.#first);
      expiring.expire();
    }
    if (this.#first) this.#arm(this.#first.dueMs - nowMs);
  }
}
