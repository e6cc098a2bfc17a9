import type { Clock } from "../clock.ts";
import type { NetworkError } from "../errors/network-error.ts";
import type { Rng } from "../random.ts";
import { type Backoff, exponential } from "./backoff.ts";

export interface RetryPaceOptions {
  /** The first delay is drawn evenly from 0 to this, in ms; each further one from twice as much. */
  readonly min: number;
  /** No delay is longer, in ms. */
  readonly max: number;
  /** A connection that lasted this long, in ms, starts the delays anew; a shorter one does not. */
  readonly resetAfter: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

/**
 * How fast something long-lived comes back: counts failures in a row and says how long to wait. A connection that
 * dies young does not start the count anew, so that a server that accepts and drops is not hammered.
 *
 * @example
 * ```ts
 * const pace = new RetryPace({ min: 1_000, max: 30_000, resetAfter: 5_000, clock, rng });
 * for (;;) {
 *   const error = await connectAndServe(() => pace.opened());
 *   pace.failed();
 *   await sleep(pace.delayMs(error), { signal, clock });
 * }
 * ```
 */
export class RetryPace {
  readonly #options: RetryPaceOptions;
  readonly #usual: Backoff;
  /** Of this row of failures. */
  #backoff: Backoff;
  #failures = 0;
  #openedMs: number | undefined;

  /** @throws ValidationError if a delay is no finite number of 0 or more. */
  constructor(options: RetryPaceOptions) {
    this.#options = options;
    this.#usual = exponential({ initial: options.min, max: options.max });
    this.#backoff = this.#usual;
  }

  /** The number of the attempt that comes next, or is being made; 1 is the first. */
  get attempt(): number {
    return this.#failures + 1;
  }

  /** The attempt succeeded: there is a connection. */
  opened(): void {
    this.#openedMs = this.#options.clock.monotonicMs();
  }

  /**
   * The attempt failed, or the connection ended.
   *
   * @param spread where the first of a row of failures is one that many others had at the same moment: its delays
   * grow from this instead of `min`, if that is more, so that they do not all come back together.
   * @returns how many there were in a row.
   */
  failed(spread = 0): number {
    const { min, max, clock, resetAfter } = this.#options;
    if (this.#openedMs !== undefined && clock.monotonicMs() - this.#openedMs >= resetAfter) {
      this.#failures = 0;
    }
    this.#openedMs = undefined;
    if (this.#failures === 0) {
      this.#backoff = spread > min ? exponential({ initial: spread, max }) : this.#usual;
    }
    return ++this.#failures;
  }

  /** How long to wait now, in ms. Whoever says when to come back (`details.retryAfterMs`) is obeyed. */
  delayMs(error: NetworkError): number {
    const { retryAfterMs } = error.details;
    if (typeof retryAfterMs === "number") return retryAfterMs;
    return this.#backoff(this.#failures, this.#options.rng);
  }
}
