import { type Clock, OverloadedError } from "@net/core";
import type { Claims } from "./token-claims.ts";

/** The most tokens remembered. Only tokens that passed every check are, so strangers cannot fill it. */
const MAX_REMEMBERED = 10_000;
/** A token is remembered longer than it can be good for, by more than the clocks' tolerance. */
const MARGIN_MS = 60_000;

/** Remembers until they have expired which device has used which token, so that each works for one only. */
export class UsedTokens {
  readonly #clock: Clock;
  readonly #uses = new Map<string, { readonly device: string; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a token for a device; false if another has it. @throws OverloadedError if too many are remembered. */
  use({ jti, exp }: Claims, deviceKey: Uint8Array): boolean {
    const device = Buffer.from(deviceKey).toString("base64url");
    const use = this.#uses.get(jti);
    if (use) return use.device === device;
    if (this.#uses.size >= MAX_REMEMBERED) this.#forgetExpired();
    if (this.#uses.size >= MAX_REMEMBERED) {
      throw new OverloadedError(`${MAX_REMEMBERED} tokens were used within their lifetime`);
    }
    this.#uses.set(jti, { device, untilMs: exp * 1_000 + MARGIN_MS });
    return true;
  }

  #forgetExpired(): void {
    const now = this.#clock.nowMs();
    for (const [jti, { untilMs }] of this.#uses) if (untilMs < now) this.#uses.delete(jti);
  }
}
