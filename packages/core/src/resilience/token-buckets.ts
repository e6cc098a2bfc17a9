import { systemClock } from "../clock.ts";
import { ValidationError } from "../errors/kinds.ts";
import { TokenBucket, type TokenBucketOptions } from "./token-bucket.ts";

export interface TokenBucketsOptions extends TokenBucketOptions {
  /**
   * The most keys that are remembered. Default 10,000. Above it the one that was used longest ago is forgotten, and with
   * it how much it had used.
   */
  readonly maxKeys?: number | undefined;
}

/**
 * A {@link TokenBucket} for each key: an address, an account, an origin. Full buckets are forgotten when room is needed.
 *
 * @example
 * ```ts
 * const logins = new TokenBuckets({ capacity: 5, perSecond: 0.1 });
 * if (!logins.of(address).tryTake()) refuse();
 * ```
 */
export class TokenBuckets {
  readonly #options: TokenBucketOptions;
  readonly #maxKeys: number;
  readonly #buckets = new Map<string, TokenBucket>();

  /** @throws ValidationError if an option is out of range. */
  constructor({ maxKeys = 10_000, ...options }: TokenBucketsOptions) {
    if (!(maxKeys >= 1)) throw new ValidationError(`maxKeys must be 1 or more, not ${maxKeys}`);
    this.#maxKeys = maxKeys;
    this.#options = { clock: systemClock, ...options };
    // Refuses bad numbers now, not at the first key.
    new TokenBucket(this.#options);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  of(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#options);
    // Moves it to the end: the first is the one used longest ago.
    this.#buckets.delete(key);
    this.#makeRoom();
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #makeRoom(): void {
    if (this.#buckets.size < this.#maxKeys) return;
    for (const [key, bucket] of this.#buckets) {
      if (!bucket.isFull) break;
      this.#buckets.delete(key);
    }
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= this.#maxKeys && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
