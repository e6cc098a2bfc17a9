import { type Clock, systemClock } from "../clock.ts";
import { assertAmount, assertPositive } from "../numbers.ts";
import type { RetryTokens } from "../retry/retry.ts";
import { SlidingCount } from "./sliding-count.ts";

export interface RetryBudgetOptions {
  /** Retries allowed per successful call. Default 0.2. */
  readonly ratio?: number | undefined;
  /** Retries allowed besides, so that a quiet client may retry too. Default 10 a second. */
  readonly minPerSecond?: number | undefined;
  /** How long a success counts, in ms. Default 10,000. */
  readonly window?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Limits how many retries all calls to one place may make together. When much fails, retries by each caller multiply the
 * load at the worst moment; with a budget they add a fifth at most. The numbers are Finagle's ("Retry Budgets", 2016).
 *
 * @example
 * ```ts
 * const budget = new RetryBudget();
 * await retry(() => call(), { budget });
 * ```
 */
export class RetryBudget implements RetryTokens {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #successesAndRetries: SlidingCount;

  /** @throws ValidationError if an option is out of range. */
  constructor(options: RetryBudgetOptions = {}) {
    const { ratio = 0.2, minPerSecond = 10, window = 10_000, clock = systemClock } = options;
    this.#ratio = assertAmount(ratio, "ratio");
    assertPositive(window, "window");
    this.#reserve = (assertAmount(minPerSecond, "minPerSecond") * window) / 1000;
    this.#successesAndRetries = new SlidingCount(clock, window);
  }

  /** Retries that may be made now. */
  get available(): number {
    const { first: successes, second: retries } = this.#successesAndRetries;
    return Math.max(0, Math.floor(this.#reserve + successes * this.#ratio - retries));
  }

  /** Takes one, if there is one. */
  tryTake(): boolean {
    if (this.available < 1) return false;
    this.#successesAndRetries.add(0, 1);
    return true;
  }

  /** A call succeeded. */
  giveBack(): void {
    this.#successesAndRetries.add(1, 0);
  }
}
