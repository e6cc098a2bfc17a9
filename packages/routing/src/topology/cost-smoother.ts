import type { Clock } from "@net/core";

/** How fast a smoothed cost follows, in ms: after this, it has made half of the way. As babeld's. */
const HALF_LIFE = 4_000;
/** After ten half-lives a thousandth is left: the smoothed cost is the current one. */
const MEMORY: number = 10 * HALF_LIFE;

interface Smoothed {
  readonly costUs: number;
  readonly atMs: number;
}

/**
 * Costs of links as they are once short peaks are smoothed away: exponentially, by a half-life. Only links whose cost has
 * just changed take memory; of all others the smoothed cost is the current one.
 */
export class CostSmoother {
  readonly #clock: Clock;
  /** By link, ordered by time. */
  readonly #smoothed = new Map<string, Smoothed>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether no cost has changed lately. */
  get isQuiet(): boolean {
    const now = this.#clock.monotonicMs();
    for (const [link, { atMs }] of this.#smoothed) {
      if (now - atMs < MEMORY) return false;
      this.#smoothed.delete(link);
    }
    return true;
  }

  /** The cost has changed. */
  note(from: string, to: string, oldUs: number, newUs: number): void {
    if (oldUs === newUs) return;
    const costUs = this.smoothedUs(from, to, oldUs);
    this.forget(from, to);
    this.#smoothed.set(linkKey(from, to), { costUs, atMs: this.#clock.monotonicMs() });
  }

  /** There is no such link any more. */
  forget(from: string, to: string): void {
    this.#smoothed.delete(linkKey(from, to));
  }

  /** @param currentUs what the link costs since its last change. */
  smoothedUs(from: string, to: string, currentUs: number): number {
    const known = this.#smoothed.get(linkKey(from, to));
    if (!known) return currentUs;
    const passedMs = this.#clock.monotonicMs() - known.atMs;
    return currentUs + (known.costUs - currentUs) * 2 ** (-passedMs / HALF_LIFE);
  }
}

/** Ids hold no control characters. */
function linkKey(from: string, to: string): string {
  return `${from}\n${to}`;
}
