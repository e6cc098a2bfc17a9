import { throwIfAborted } from "../abort/aborted.ts";
import { sleep } from "../abort/sleep.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ValidationError } from "../errors/kinds.ts";
import { assertAmount, assertPositive } from "../numbers.ts";

export interface TokenBucketOptions {
  /** The most tokens it holds, and how many it holds at first: what may be done at once. */
  readonly capacity: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
  readonly clock?: Clock | undefined;
}

/**
 * A rate with a burst: each thing done takes tokens, which come back evenly. It may be overdrawn by `take`, whose callers
 * then wait in the order in which they came.
 *
 * @example
 * ```ts
 * const bucket = new TokenBucket({ capacity: 20, perSecond: 5 });
 * if (!bucket.tryTake()) throw new RateLimitError("slow down", { retryAfterMs: bucket.waitMs() });
 * ```
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  /** @throws ValidationError unless both numbers are above 0. */
  constructor({ capacity, perSecond, clock = systemClock }: TokenBucketOptions) {
    this.#capacity = assertPositive(capacity, "capacity");
    this.#perMs = assertPositive(perSecond, "perSecond") / 1000;
    this.#clock = clock;
    this.#tokens = capacity;
    this.#atMs = clock.monotonicMs();
  }

  /** Tokens there are now; below 0 while callers of `take` wait. */
  get available(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    return this.#tokens;
  }

  /** Full: it remembers nothing that a new one would not know. */
  get isFull(): boolean {
    return this.available >= this.#capacity;
  }

  /** Takes as many, if there are. @throws ValidationError unless it is a number of 0 or more. */
  tryTake(tokens = 1): boolean {
    if (this.available < assertAmount(tokens, "tokens")) return false;
    this.#tokens -= tokens;
    return true;
  }

  /** How long until there are as many, in ms; Infinity for more than it ever holds. */
  waitMs(tokens = 1): number {
    if (assertAmount(tokens, "tokens") > this.#capacity) return Number.POSITIVE_INFINITY;
    return Math.max(0, (tokens - this.available) / this.#perMs);
  }

  /**
   * Waits for its turn and takes as many.
   *
   * @throws AbortedError as soon as the signal aborts; nothing was taken then.
   * @throws ValidationError for more than the bucket ever holds.
   */
  async take(
    tokens = 1,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const waitMs = this.waitMs(tokens);
    if (waitMs === Number.POSITIVE_INFINITY) {
      throw new ValidationError(`this bucket holds ${this.#capacity} tokens, never ${tokens}`);
    }
    throwIfAborted(signal);
    this.#tokens -= tokens;
    if (waitMs === 0) return;
    try {
      await sleep(waitMs, { signal, clock: this.#clock });
    } catch (error) {
      this.#tokens += tokens;
      throw error;
    }
  }
}
