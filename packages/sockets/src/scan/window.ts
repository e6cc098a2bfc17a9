/** How long nothing new is asked after this machine could not, in ms. */
const PAUSE = 50;

/**
 * How many attempts may be under way: at most the limit, half as many whenever this machine ran out of file handles,
 * ports or memory, and slowly more again (as TCP does: additive increase, multiplicative decrease).
 */
export class Window {
  readonly #limit: number;
  #size: number;
  #pausedUntilMs = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#size = limit;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  /** An attempt was answered. */
  grow(): void {
    this.#size = Math.min(this.#limit, this.#size + 1 / this.#size);
  }

  /** An attempt could not be made. Those of the same moment count once. */
  shrink(nowMs: number, inFlight: number): void {
    if (nowMs < this.#pausedUntilMs) return;
    this.#size = Math.max(1, Math.min(this.#size, inFlight) / 2);
    this.#pausedUntilMs = nowMs + PAUSE;
  }

  /** How long to wait before the next attempt. */
  pauseMs(nowMs: number): number {
    return Math.max(0, this.#pausedUntilMs - nowMs);
  }
}

/** How often attempts begin: evenly, but for what a timer's grain holds back. */
export class Rate {
  readonly #intervalMs: number;
  #nextMs = 0;

  /** @param perSecond Infinity is no limit. */
  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond;
  }

  /** How long to wait before the next attempt. */
  pauseMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs);
  }

  /** An attempt begins. */
  take(nowMs: number): void {
    this.#nextMs = Math.max(this.#nextMs, nowMs - GRAIN) + this.#intervalMs;
  }
}

/** A timer may ring this much late, in ms: only so much is caught up. */
const GRAIN = 10;
