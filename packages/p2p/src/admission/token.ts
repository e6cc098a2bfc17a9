import { createPrivateKey, randomUUID } from "node:crypto";
import { type Clock, isRecord } from "@net/core";
import { invalid } from "../names.ts";
import { isWeak } from "../options/secret.ts";
import { secretTokenKey, signToken, type TokenKey, verifyToken } from "./jwt.ts";
import { type Claims, encodeClaims, keyText, type TokenClaims } from "./token-claims.ts";

export type { Claims, TokenClaims } from "./token-claims.ts";

/** How long a token is good for unless it says otherwise, in ms. */
export const DEFAULT_TOKEN_LIFETIME: number = 5 * 60_000;

/** Whose key can sign tokens: a device's, or an owner's. */
export interface TokenSigner {
  /** Raw. */
  readonly publicKey: Uint8Array;
  toPem(): string;
}

export interface TokenIssuerOptions {
  /** What all peers of the network know. */
  readonly secret?: string | undefined;
  /** Signs where there is no secret, and is the device that this peer's own tokens are for. */
  readonly identity?: TokenSigner | undefined;
  readonly networkId: string;
  readonly peerId: string;
  readonly clock: Clock;
}

/**
 * Makes the tokens of one network, JWTs (RFC 7519): with its secret (HS256), which whoever knows it can make for anybody;
 * or with a device's own key (EdDSA, RFC 8037), which counts where that device is trusted to let others in.
 */
export class TokenIssuer {
  readonly #key: TokenKey;
  readonly #options: TokenIssuerOptions;

  /** @throws ValidationError for an empty secret, or with neither a secret nor an identity. */
  constructor(options: TokenIssuerOptions) {
    this.#options = options;
    this.#key = keyOf(options);
  }

  /** True if all peers of the network know what these tokens are made with. */
  get isShared(): boolean {
    return this.#key.alg === "HS256";
  }

  /** True for a secret that could be guessed. */
  get weak(): boolean {
    const { secret } = this.#options;
    return secret !== undefined && isWeak(new TextEncoder().encode(secret));
  }

  /** @throws ValidationError for claims that are not the caller's to make. */
  async issue(claims: TokenClaims, lifetime: number = DEFAULT_TOKEN_LIFETIME): Promise<string> {
    if (!isRecord(claims)) throw invalid("the claims of a token", "an object");
    if (!(lifetime > 0 && Number.isFinite(lifetime))) throw invalid("expiresIn", "above 0 ms");
    const { networkId, peerId, clock, identity } = this.#options;
    const sub = claims.sub ?? peerId;
    const device = claims.device ?? (sub === peerId ? identity?.publicKey : undefined);
    const iat = Math.floor(clock.nowMs() / 1_000);
    const payload = {
      ...encodeClaims({ ...claims, sub, ...(device && { device }) }),
      ...{ iss: peerId, aud: networkId, iat, exp: iat + Math.ceil(lifetime / 1_000) },
      jti: randomUUID(),
    };
    return await signToken(payload, this.#key);
  }

  /**
   * Checks a token that was made with the same secret.
   *
   * @param channel over which it came, if it did: one that was made for it counts, whatever the clocks say.
   * @throws AuthenticationError saying which check failed.
   */
  async check(token: string, subject: string, channel?: string): Promise<Claims> {
    const { networkId: audience, clock } = this.#options;
    const options = { audience, subject, channel, nowMs: clock.nowMs() };
    return await verifyToken(token, this.#key, options);
  }
}

function keyOf({ secret, identity }: TokenIssuerOptions): TokenKey {
  if (secret === "") throw invalid("jwtSecret", "a text that is not empty");
  if (secret !== undefined) return secretTokenKey(secret);
  if (!identity) throw invalid("a token's issuer", "somebody with a secret or an identity");
  const kid = keyText(identity.publicKey);
  return { alg: "EdDSA", typ: "net-admission+jwt", key: createPrivateKey(identity.toPem()), kid };
}
