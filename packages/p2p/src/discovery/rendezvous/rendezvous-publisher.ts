import {
  type Clock,
  type Logger,
  NetworkError,
  RetryPace,
  type Rng,
  sleep,
  toNetworkError,
} from "@net/core";
import type { Rendezvous } from "./rendezvous.ts";

/** Between two attempts while the holder cannot be reached, in ms. */
const PACE = { min: 1_000, max: 300_000, resetAfter: 0 } as const;
/** A goodbye that is not taken in this time, in ms, is let be: the record runs out by itself. */
const GOODBYE_TIMEOUT = 2_000;

export interface RendezvousPublisherOptions {
  readonly rendezvous: Rendezvous;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Leaves a peer's records with a holder, and tries until they are there. */
export class RendezvousPublisher {
  readonly #options: RendezvousPublisherOptions;
  #current = new AbortController();

  constructor(options: RendezvousPublisherOptions) {
    this.#options = options;
  }

  /** Leaves a record, instead of one that may still be on its way. */
  publish(record: Uint8Array): void {
    this.#current.abort();
    this.#current = new AbortController();
    void this.#try(record, this.#current.signal);
  }

  /** Leaves the last record, which takes the others back; does not wait for long. */
  async close(goodbye: Uint8Array): Promise<void> {
    this.#current.abort();
    const { clock, logger, rendezvous } = this.#options;
    const over = new AbortController();
    using _timer = clock.setTimeout(() => over.abort(), GOODBYE_TIMEOUT);
    try {
      const { signal } = over;
      const waiting = sleep(GOODBYE_TIMEOUT, { signal, clock }).catch(() => {});
      await Promise.race([rendezvous.publish(goodbye, { signal }), waiting]);
    } catch (error) {
      logger.debug({ error }, "a peer's record was not taken back; it runs out by itself");
    } finally {
      over.abort();
    }
  }

  async #try(record: Uint8Array, signal: AbortSignal): Promise<void> {
    const { rendezvous, clock, rng, logger } = this.#options;
    const pace = new RetryPace({ ...PACE, clock, rng });
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        return await rendezvous.publish(record, { signal });
      } catch (cause) {
        if (isOver()) return;
        const error = toNetworkError(cause);
        logger.warn({ error }, "a peer's record was not taken");
        if (isFinal(error)) return;
        pace.failed();
        await sleep(pace.delayMs(error), { signal, clock }).catch(() => {}); // Aborted: the loop ends.
      }
    }
  }
}

/** The record itself is refused, and would be again. */
function isFinal(error: NetworkError): boolean {
  return NetworkError.is(error, "INVALID_ARGUMENT") || error.code === "CONFLICT";
}
