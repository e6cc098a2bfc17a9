/** RFC 8405's names and, of its timers, the values that its section 6 gives as examples, in ms. */
const INITIAL_DELAY = 50;
const SHORT_DELAY = 200;
const LONG_DELAY = 5_000;
const TIME_TO_LEARN = 500;
const HOLD_DOWN = 10_000;

/**
 * How long to wait after a change before the network is looked at again: hardly at all after the first one, a little while
 * it is learnt what the change is about, and long while changes never end. "Shortest Path First (SPF) Back-Off
 * Delay Algorithm for Link-State IGPs", RFC 8405.
 */
export class SpfBackoff {
  #learntAtMs = Number.NEGATIVE_INFINITY;
  #lastChangeMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs by a clock that never goes backwards. */
  delayAfterChange(nowMs: number): number {
    const wasQuiet = nowMs - this.#lastChangeMs >= HOLD_DOWN;
    this.#lastChangeMs = nowMs;
    if (wasQuiet) {
      this.#learntAtMs = nowMs + TIME_TO_LEARN;
      return INITIAL_DELAY;
    }
    return nowMs < this.#learntAtMs ? SHORT_DELAY : LONG_DELAY;
  }
}
