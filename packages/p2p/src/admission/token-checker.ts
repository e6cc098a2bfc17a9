import { AuthenticationError, type Clock } from "@net/core";
import { publicKeyObject } from "@net/core/identity";
import { readTokenHeader, verifyToken } from "./jwt.ts";
import type { TokenIssuer } from "./token.ts";
import { type Claims, confirmedKey, keyText } from "./token-claims.ts";

export interface TokenCheckerOptions {
  /** Of a network with a secret. */
  readonly secret: TokenIssuer | undefined;
  /** The raw public keys of those who may let others in, as of now. */
  readonly issuers: () => readonly Uint8Array[];
  readonly networkId: string;
  /** The longest that a token may be good for, in ms. */
  readonly maxLifetime: number;
  readonly clock: Clock;
}

/** What a token must fit. */
export interface TokenUse {
  /** Whom it must be about. */
  readonly subject: string;
  /** Names the channel over which it came. */
  readonly channel: string;
}

/** A token that passed every check but one: whether whoever shows it may. */
export interface CheckedToken {
  readonly claims: Claims;
  /** The key of the device it is for, base64url, if it names one. */
  readonly device: string | undefined;
  /** The raw public key that signed it; undefined if it was made with the network's secret. */
  readonly issuer: Uint8Array | undefined;
}

/** Checks tokens: with the network's secret, or with the keys of those who are trusted to make them. */
export class TokenChecker {
  readonly #options: TokenCheckerOptions;

  constructor(options: TokenCheckerOptions) {
    this.#options = options;
  }

  /**
   * The key decides the algorithm: a token under any other than its key's is refused, whatever it says itself.
   *
   * @throws AuthenticationError saying which check failed.
   */
  async check(token: string, use: TokenUse): Promise<CheckedToken> {
    const { alg, kid } = readTokenHeader(token);
    const issuer = alg === "EdDSA" ? this.#issuer(kid, use.subject) : undefined;
    const claims = issuer
      ? await this.#checkSigned(token, use, issuer)
      : await this.#checkShared(token, use);
    this.#assertShortLived(claims);
    return { claims, device: confirmedKey(claims), issuer };
  }

  async #checkShared(token: string, { subject, channel }: TokenUse): Promise<Claims> {
    const { secret } = this.#options;
    if (secret) return await secret.check(token, subject, channel);
    throw notAccepted(subject, "this network has no secret, and wants one signed by a device");
  }

  async #checkSigned(token: string, use: TokenUse, issuer: Uint8Array): Promise<Claims> {
    const { networkId: audience, clock } = this.#options;
    const key = publicKeyObject(issuer);
    const tokenKey = { alg: "EdDSA", typ: "net-admission+jwt", key, kid: keyText(issuer) } as const;
    return await verifyToken(token, tokenKey, { ...use, audience, nowMs: clock.nowMs() });
  }

  #issuer(kid: unknown, subject: string): Uint8Array {
    const issuer = this.#options.issuers().find((key) => keyText(key) === kid);
    if (issuer) return issuer;
    throw notAccepted(subject, "who made it is not trusted to let others in");
  }

  #assertShortLived({ iat, exp, sub }: Claims): void {
    if ((exp - iat) * 1_000 <= this.#options.maxLifetime) return;
    throw notAccepted(sub, "it is good for too long");
  }
}

function notAccepted(peerId: string, why: string): AuthenticationError {
  return new AuthenticationError(`the token was not accepted: ${why}`, { details: { peerId } });
}
