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
  /** Calls back once, after `delay` ms. */
  setTimeout(callback: () => void, delay: number, options?: TimerOptions): Timer;
  /** Calls back every `period` ms until cancelled. */
  setInterval(callback: () => void, period: number, options?: TimerOptions): Timer;
}

/** The longest delay a platform timer can hold; beyond it, it would ring at once. */
const MAX_TIMER_DELAY = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimeout: startTimeout,
  setInterval: startInterval,
};

function startTimeout(callback: () => void, delay: number, options?: TimerOptions): Timer {
  let handle: ReturnType<typeof setTimeout>;
  const start = (remaining: number): void => {
    const step = Math.min(remaining, MAX_TIMER_DELAY);
    const ring = (): void => (remaining > step ? start(remaining - step) : callback());
    handle = setTimeout(ring, step);
    if (options?.background) letProcessEnd(handle);
  };
  start(delay);
  return timer(() => clearTimeout(handle));
}

function startInterval(callback: () => void, period: number, options?: TimerOptions): Timer {
  const handle = setInterval(callback, Math.min(period, MAX_TIMER_DELAY));
  if (options?.background) letProcessEnd(handle);
  return timer(() => clearInterval(handle));
}

/** Node's timers are objects with `unref`; browsers' are numbers and keep nothing alive. */
function letProcessEnd(handle: unknown): void {
  if (typeof handle === "object" && handle !== null) (handle as { unref(): void }).unref();
}

function timer(cancel: () => void): Timer {
  return { cancel, [Symbol.dispose]: cancel };
}
