import { AuthenticationError } from "@net/core";
import type { Binding, Role, Shown } from "./applicant.ts";
import type { Standing } from "./standing.ts";
import type { CheckedToken, TokenChecker } from "./token-checker.ts";
import { type Claims, keyText } from "./token-claims.ts";
import type { UsedTokens } from "./used-tokens.ts";

export interface TokenDeskOptions {
  readonly checker: TokenChecker;
  readonly used: UsedTokens;
  /** Whether tokens must name the device that they are for. */
  readonly boundTokensOnly: boolean;
}

/** Decides whether whoever shows a token may. */
export class TokenDesk {
  readonly #options: TokenDeskOptions;

  constructor(options: TokenDeskOptions) {
    this.#options = options;
  }

  /**
   * A token is for this channel; or it was handed out, for a device. One that names none does for the first dialler that
   * shows it, until it expires.
   *
   * @throws AuthenticationError
   */
  async check(peerId: string, shown: Shown, binding: Binding, role: Role): Promise<Standing> {
    if (shown.token === undefined) throw refused(peerId, `${peerId} has shown no token`);
    const token = await this.#options.checker.check(shown.token, {
      subject: peerId,
      channel: binding.channel,
    });
    if (token.device !== undefined && token.device !== keyText(shown.device)) {
      throw notAccepted(token.claims, "it is for another device's key");
    }
    if (!isBearer(token.claims)) assertBound(token.claims, binding);
    else if (token.device === undefined) this.#assertUsable(token, shown.device, role);
    return { claims: token.claims, issuer: token.issuer };
  }

  /** Of a token that names no device. */
  #assertUsable({ claims }: CheckedToken, device: Uint8Array, role: Role): void {
    if (role === "acceptor") throw notAccepted(claims, "it was made for another link");
    if (this.#options.boundTokensOnly) throw notAccepted(claims, "it names no device");
    if (this.#options.used.use(claims, device)) return;
    throw notAccepted(claims, "another device has used it");
  }
}

/** A token that was handed to the peer, and so is bound to no link. */
function isBearer({ channel, role, peer }: Claims): boolean {
  return channel === undefined && role === undefined && peer === undefined;
}

/** A token seen on another link, or sent back to its maker, fails here. */
function assertBound(claims: Claims, { channel, role, peer }: Binding): void {
  const { sub, iss } = claims;
  if (iss === sub && claims.channel === channel && claims.role === role && claims.peer === peer)
    return;
  throw notAccepted(claims, "it was made for another link");
}

function notAccepted({ sub }: Claims, why: string): AuthenticationError {
  return refused(sub, `the token was not accepted: ${why}`);
}

function refused(peerId: string, message: string): AuthenticationError {
  return new AuthenticationError(message, { details: { peerId } });
}
