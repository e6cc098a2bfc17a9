import { type Clock, RateLimitError, systemClock, ValidationError } from "@net/core";

/** How often something may happen. */
export interface Rate {
  /** How many at once, after a pause. */
  readonly burst: number;
  /** How many in the long run. */
  readonly perMinute: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MINUTE_MS = 60_000;
/** Strangers choose the keys: beyond this many, those not seen for longest are forgotten. About 10 MB. */
const MAX_KEYS = 100_000;

/** A token bucket for each key (an address, a user): it fills at the rate, and holds at most a burst. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #what: string;
  readonly #clock: Clock;
  /** Least recently used first, as a `Map` keeps the order of insertion. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param what names the thing in the error: "logins". */
  constructor(rate: Rate, what: string, clock: Clock = systemClock) {
    if (!(rate.burst >= 1 && rate.perMinute > 0)) {
      throw new ValidationError(
        `the rate of ${what} needs a burst of 1 or more and perMinute above 0, not ${rate.burst}, ${rate.perMinute}`,
      );
    }
    this.#rate = rate;
    this.#what = what;
    this.#clock = clock;
  }

  /** Counts one. @throws RateLimitError with the time until the next one is allowed. */
  take(key: string): void {
    const bucket = this.#refilled(key);
    if (bucket.tokens < 1) {
      const retryAfterMs = Math.ceil(((1 - bucket.tokens) * MINUTE_MS) / this.#rate.perMinute);
      throw new RateLimitError(`too many ${this.#what}: try again in ${retryAfterMs} ms`, {
        retryAfterMs,
      });
    }
    bucket.tokens -= 1;
  }

  #refilled(key: string): Bucket {
    const { burst, perMinute } = this.#rate;
    const now = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: now };
    const refill = ((now - bucket.atMs) * perMinute) / MINUTE_MS;
    bucket.tokens = Math.min(burst, bucket.tokens + refill);
    bucket.atMs = now;
    this.#remember(key, bucket);
    return bucket;
  }

  #remember(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= MAX_KEYS) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
