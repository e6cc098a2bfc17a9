import { type Clock, OverloadedError } from "@net/core";
import type { Claims } from "./token.ts";

/** The most tokens remembered. Only tokens that passed every check are, so strangers cannot fill it. */
const MAX_REMEMBERED = 10_000;
/** A token is remembered longer than it can be good for, by more than the clocks' tolerance. */
const MARGIN_MS = 60_000;

/** Remembers which tokens were used until they have expired, so that each works once. */
export class UsedTokens {
  readonly #clock: Clock;
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Uses a token up; false if it was used before. @throws OverloadedError if too many are remembered. */
  use({ jti, exp }: Claims): boolean {
    if (this.#untilMs.has(jti)) return false;
    if (this.#untilMs.size >= MAX_REMEMBERED) this.#forgetExpired();
    if (this.#untilMs.size >= MAX_REMEMBERED) {
      throw new OverloadedError(`${MAX_REMEMBERED} tokens were used within their lifetime`);
    }
    this.#untilMs.set(jti, exp * 1_000 + MARGIN_MS);
    return true;
  }

  #forgetExpired(): void {
    const now = this.#clock.nowMs();
    for (const [jti, untilMs] of this.#untilMs) if (untilMs < now) this.#untilMs.delete(jti);
  }
}
