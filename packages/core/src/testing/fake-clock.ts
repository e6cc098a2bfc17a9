import { setImmediate } from "node:timers/promises";
import { type Clock, checkedDelay, type Timer } from "../clock.ts";
import { NetworkError } from "../errors/network-error.ts";
import { assertAmount } from "../numbers.ts";
import { type Alarm, AlarmHeap } from "./alarm-heap.ts";

/** What was set once: it rings at its time, again and again if it has a period, until it is cancelled. */
interface FakeTimer {
  readonly callback: () => void;
  readonly periodMs: number | undefined;
  readonly order: number;
}

/** One time at which a timer rings. */
interface Ringing extends Alarm {
  readonly timer: FakeTimer;
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
  readonly #timers = new Set<FakeTimer>();
  /** What was cancelled lies here until its time. */
  readonly #ringings = new AlarmHeap<Ringing>();
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
    return this.#timers.size;
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
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#ring(next);
      await settle();
    }
    this.#elapsedMs = target;
    await settle();
  }

  #set(callback: () => void, delay: number, periodMs: number | undefined): Timer {
    const dueMs = this.#elapsedMs + checkedDelay(delay);
    const timer: FakeTimer = { callback, periodMs, order: this.#order++ };
    this.#timers.add(timer);
    if (Number.isFinite(dueMs)) this.#ringings.push({ timer, dueMs, order: timer.order });
    const cancel = (): void => void this.#timers.delete(timer);
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** Takes the next one that rings until then. */
  #next(untilMs: number): Ringing | undefined {
    for (let next = this.#ringings.first; next; next = this.#ringings.first) {
      if (next.dueMs > untilMs) return undefined;
      this.#ringings.shift();
      if (this.#timers.has(next.timer)) return next;
    }
    return undefined;
  }

  #ring({ timer, dueMs }: Ringing): void {
    const { periodMs, order } = timer;
    if (periodMs === undefined) this.#timers.delete(timer);
    else this.#ringings.push({ timer, dueMs: dueMs + periodMs, order });
    timer.callback();
  }
}

/** Lets all promise jobs and next ticks run. */
export async function settle(): Promise<void> {
  await setImmediate();
}
