import { type Clock, deadline, type Logger } from "@net/core";
import type { Identified } from "../nodes/sighting.ts";

/**
 * Asks who listens at an address, by a handshake in which the other end proves its device's key. Undefined, or a
 * rejection: no peer of this network.
 */
export type Identify = (
  address: string,
  options: { readonly signal: AbortSignal },
) => Promise<Identified | undefined>;

/** How long one may take, in ms. */
const TIMEOUT = 5_000;
/** Handshakes under way at the same time. */
const CONCURRENCY = 8;

export interface IdentifierOptions {
  readonly identify: Identify;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onIdentified: (address: string, identified: Identified) => void;
}

/** Asks at many addresses who is there, a few at a time. */
export class Identifier {
  readonly #options: IdentifierOptions;
  readonly #asking = new Set<Promise<void>>();

  constructor(options: IdentifierOptions) {
    this.#options = options;
  }

  /** Resolves when there is room for another one. */
  async ask(address: string): Promise<void> {
    const asking: Promise<void> = this.#ask(address).finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
    if (this.#asking.size >= CONCURRENCY) await Promise.race(this.#asking);
  }

  /** Resolves when all have answered, or have not. */
  async done(): Promise<void> {
    await Promise.all(this.#asking);
  }

  async #ask(address: string): Promise<void> {
    const { identify, signal, clock, logger, onIdentified } = this.#options;
    using limit = deadline(TIMEOUT, signal, { clock });
    try {
      const identified = await identify(address, { signal: limit.signal });
      if (identified && !signal.aborted) onIdentified(address, identified);
    } catch (error) {
      // Whoever is there is no peer that lets us know who it is.
      logger.debug({ error, address }, "nobody was identified");
    }
  }
}
