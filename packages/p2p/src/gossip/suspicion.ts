import { type Clock, type Logger, TokenBuckets } from "@net/core";
import type { Neighbour } from "./neighbour.ts";

/**
 * How much that does not verify is looked at: so many at once, so many a second. Honest peers pass on nothing of the
 * kind.
 */
const FAILURES = { capacity: 32, perSecond: 2 } as const;

/**
 * What neighbours brought that was not signed by whom it names. Such frames cost a verification each: whoever brings
 * many is not listened to for a while.
 */
export class Suspicion {
  readonly #failures: TokenBuckets;
  readonly #logger: Logger;

  constructor(clock: Clock, logger: Logger) {
    this.#failures = new TokenBuckets({ ...FAILURES, clock });
    this.#logger = logger;
  }

  isIgnored({ peerId }: Neighbour): boolean {
    return this.#failures.of(peerId).available < 1;
  }

  note({ peerId }: Neighbour, why: string): void {
    this.#failures.of(peerId).tryTake();
    this.#logger.debug({ peerId, why }, "gossip that cannot be believed was not taken");
  }
}
