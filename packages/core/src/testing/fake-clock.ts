import { setImmediate } from "node:timers/promises";
import { type Clock, checkedDelay, type Timer } from "../clock.ts";
import { NetworkError } from "../errors/network-error.ts";
import { assertAmount } from "../numbers.ts";

interface Alarm {
  readonly callback: () => void;
  readonly periodMs: number | undefined;
  dueMs: number;
  readonly order: number;
}

/**
 * A clock that moves only when told. Timers ring in order of their time; between two of them all promise jobs
 * run, so that what one timer starts is seen by the next.
 *
 * @example
 * ```ts
 * const clock = new FakeClock();
 * const slept = sleep(60_000, { clock });
 * await clock.advance(60_000);
 * await slept;
 * ```
 */
export class FakeClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  readonly #startMs: number;
  #elapsedMs = 0;
  #order = 0;
  #isAdvancing = false;

  /** @param startMs what `nowMs` says at first; default 2026-01-01T00:00Z. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  /** How many timers are set: 0 at the end of a test that left nothing behind. */
  get pending(): number {
    return this.#alarms.size;
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    return this.#set(callback, delay, undefined);
  }

  setInterval(callback: () => void, period: number): Timer {
    return this.#set(callback, period, Math.max(1, checkedDelay(period)));
  }

  /**
   * Moves on by `ms`, ringing every timer on the way.
   *
   * @throws ValidationError unless `ms` is finite and 0 or more.
   * @throws NetworkError `INVALID_STATE` while it is moving already: two who turn the hands at once agree on no time.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsedMs + assertAmount(ms, "the time to move on by");
    if (this.#isAdvancing) {
      throw new NetworkError(
        "INVALID_STATE",
        "this FakeClock is advancing already: await that first",
      );
    }
    this.#isAdvancing = true;
    try {
      await this.#moveTo(target);
    } finally {
      this.#isAdvancing = false;
    }
  }

  async #moveTo(target: number): Promise<void> {
    await settle();
    for (let alarm = this.#next(target); alarm; alarm = this.#next(target)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, alarm.dueMs);
      this.#ring(alarm);
      await settle();
    }
    this.#elapsedMs = target;
    await settle();
  }

  #set(callback: () => void, delay: number, periodMs: number | undefined): Timer {
    const dueMs = this.#elapsedMs + checkedDelay(delay);
    const alarm: Alarm = { callback, periodMs, dueMs, order: this.#order++ };
    this.#alarms.add(alarm);
    const cancel = (): void => void this.#alarms.delete(alarm);
    return { cancel, [Symbol.dispose]: cancel };
  }

  #next(untilMs: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.dueMs <= untilMs && (!next || isBefore(alarm, next))) next = alarm;
    }
    return next;
  }

  #ring(alarm: Alarm): void {
    if (alarm.periodMs === undefined) this.#alarms.delete(alarm);
    else alarm.dueMs += alarm.periodMs;
    alarm.callback();
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** Lets all promise jobs and next ticks run. */
export async function settle(): Promise<void> {
  await setImmediate();
}
