/** A score below this, three windows in a row, is a degraded connection. */
const DEGRADED_BELOW = 60;
/** A degraded connection has recovered above this. Between the two nothing changes: it would only flap. */
const RECOVERED_ABOVE = 70;
const BAD_WINDOWS = 3;

/** Tells when the health of one connection turns, not each time it wavers. */
export class HealthMonitor {
  readonly #windowMs: number;
  #endsAtMs: number | undefined;
  #badWindows = 0;
  #degraded = false;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /**
   * To be asked before each measurement. A window begins with a measurement and is judged when one comes after its
   * end: silence is no evidence, and no timer is needed.
   *
   * @param score the health as the measurements so far have it.
   */
  turn(nowMs: number, score: () => number): "degraded" | "recovered" | undefined {
    if (this.#endsAtMs !== undefined && nowMs < this.#endsAtMs) return undefined;
    const isFirst = this.#endsAtMs === undefined;
    this.#endsAtMs = nowMs + this.#windowMs;
    return isFirst ? undefined : this.#judge(score());
  }

  #judge(score: number): "degraded" | "recovered" | undefined {
    this.#badWindows = score < DEGRADED_BELOW ? this.#badWindows + 1 : 0;
    if (!this.#degraded && this.#badWindows >= BAD_WINDOWS) {
      this.#degraded = true;
      return "degraded";
    }
    if (this.#degraded && score > RECOVERED_ABOVE) {
      this.#degraded = false;
      return "recovered";
    }
    return undefined;
  }
}
