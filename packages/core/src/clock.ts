import { ValidationError } from "./errors/kinds.ts";

/** A timer that was set. Cancelling twice, or after it rang, does nothing. */
export interface Timer extends Disposable {
  cancel(): void;
}

export interface TimerOptions {
  /** A background timer does not keep a Node process alive. Default false. */
  readonly background?: boolean;
}

/**
 * Time, handed in: everything that waits or measures takes a clock, so that tests run on a fake one (see
 * `@net/core/testing`).
 */
export interface Clock {
  /** Milliseconds since the epoch. May jump; for durations use {@link Clock.monotonicMs}. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never goes backwards. */
  monotonicMs(): number;
  /**
   * Calls back once, after `delay` ms: 0 or less is as soon as possible, Infinity never.
   *
   * @throws ValidationError if the delay is not a number.
   */
  setTimeout(callback: () => void, delay: number, options?: TimerOptions): Timer;
  /** Calls back every `period` ms until cancelled. @throws ValidationError if the period is not a number. */
  setInterval(callback: () => void, period: number, options?: TimerOptions): Timer;
}

/** The longest delay a platform timer can hold; beyond it, it would ring at once. */
const MAX_TIMER_DELAY = 2 ** 31 - 1;

/** Node finds it anew, by a getter, whenever it is asked for by its global name; and what is measured is measured often. */
const { performance } = globalThis;

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimeout: startTimeout,
  setInterval: startInterval,
};

/** Most timers never ring: so they should cost little. */
class SystemTimer implements Timer {
  readonly #handle: ReturnType<typeof setTimeout>;

  constructor(handle: ReturnType<typeof setTimeout>) {
    this.#handle = handle;
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#handle);
  }
}

function startTimeout(callback: () => void, delay: number, options?: TimerOptions): Timer {
  if (!(delay >= 0 && delay <= MAX_TIMER_DELAY)) return startLongTimeout(callback, delay, options);
  const handle = setTimeout(callback, delay);
  if (options?.background) letProcessEnd(handle);
  return new SystemTimer(handle);
}

function startLongTimeout(callback: () => void, delay: number, options?: TimerOptions): Timer {
  let handle: ReturnType<typeof setTimeout> | undefined;
  const start = (remaining: number): void => {
    const step = Math.min(remaining, MAX_TIMER_DELAY);
    const ring = (): void => (remaining > step ? start(remaining - step) : callback());
    handle = setTimeout(ring, step);
    if (options?.background) letProcessEnd(handle);
  };
  const checked = checkedDelay(delay);
  if (checked !== Number.POSITIVE_INFINITY) start(checked);
  return timer(() => clearTimeout(handle));
}

function startInterval(callback: () => void, period: number, options?: TimerOptions): Timer {
  if (checkedDelay(period) > MAX_TIMER_DELAY) return startLongInterval(callback, period, options);
  const handle = setInterval(callback, period);
  if (options?.background) letProcessEnd(handle);
  return timer(() => clearInterval(handle));
}

function startLongInterval(callback: () => void, period: number, options?: TimerOptions): Timer {
  const start = (): Timer => {
    const ring = (): void => {
      next = start();
      callback();
    };
    return startTimeout(ring, period, options);
  };
  let next = start();
  return timer(() => next.cancel());
}

/** A delay as every clock understands it. @throws ValidationError if it is not a number. */
export function checkedDelay(delay: number): number {
  if (Number.isNaN(delay)) throw new ValidationError("a timer's delay must be a number, not NaN");
  return Math.max(0, delay);
}

/** Node's timers are objects with `unref`; browsers' are numbers and keep nothing alive. */
function letProcessEnd(handle: unknown): void {
  if (typeof handle === "object" && handle !== null) (handle as { unref(): void }).unref();
}

function timer(cancel: () => void): Timer {
  return { cancel, [Symbol.dispose]: cancel };
}
