import type { Clock, Timer } from "@net/core";

/** In so many steps the time passes. */
const STEPS = 8;

/**
 * Calls back after so long of time in which this process ran. Of a pause (its event loop was blocked, or the machine had other work,
 * or slept) at most an eighth of the timeout counts: what arrived meanwhile is read before anybody is called late.
 *
 * @param timeout in ms.
 */
export function attentiveTimeout(clock: Clock, timeout: number, onOver: () => void): Disposable {
  let timer: Timer | undefined;
  const wait = (steps: number): void => {
    timer = clock.setTimeout(() => (steps > 1 ? wait(steps - 1) : onOver()), timeout / STEPS);
  };
  wait(STEPS);
  return { [Symbol.dispose]: () => timer?.cancel() };
}
