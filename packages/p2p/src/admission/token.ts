import { randomUUID } from "node:crypto";
import { AuthenticationError, type Clock, type JsonObject } from "@net/core";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { invalid, isName } from "../names.ts";

/** How long a token is good for unless it says otherwise, in ms. */
export const DEFAULT_TOKEN_LIFETIME: number = 5 * 60_000;
/** How far the clocks of two machines may differ, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 30;
const ALGORITHM = "HS256";
/** RFC 7518 §3.2: a key of the size of the hash, 256 bits, or larger must be used with HS256. */
const MIN_SECRET_BYTES = 32;

/** What a token that passed every check says. */
export interface Claims {
  /** Whom it is about. */
  readonly sub: string;
  /** Who made it. */
  readonly iss: string;
  readonly jti: string;
  /** When it ends, in seconds since the epoch. */
  readonly exp: number;
  readonly [name: string]: unknown;
}

/** What the caller may say in a token; the registered claims are ours. */
export interface TokenClaims {
  /** Whom it is about. Default: the peer that makes it. */
  readonly sub?: string;
  /** The tools with a `permission` that it grants: `["files.read", "search.*"]`. Default none. */
  readonly tools?: readonly string[];
  readonly [name: string]: unknown;
}

export interface TokenIssuerOptions {
  readonly secret: string;
  readonly networkId: string;
  readonly peerId: string;
  readonly clock: Clock;
}

const ours: readonly string[] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/**
 * Makes and checks the tokens of one network: JWTs (RFC 7519) under HS256, which whoever knows the network's secret
 * can make for anybody.
 */
export class TokenIssuer {
  readonly #key: Uint8Array;
  readonly #networkId: string;
  readonly #peerId: string;
  readonly #clock: Clock;

  /** @throws ValidationError for an empty secret. */
  constructor({ secret, networkId, peerId, clock }: TokenIssuerOptions) {
    if (secret === "") throw invalid("jwtSecret", "a text that is not empty");
    this.#key = new TextEncoder().encode(secret);
    this.#networkId = networkId;
    this.#peerId = peerId;
    this.#clock = clock;
  }

  /** True for a secret that could be guessed. */
  get weak(): boolean {
    return this.#key.length < MIN_SECRET_BYTES;
  }

  /** @throws ValidationError for claims that are not the caller's to make. */
  async issue(claims: TokenClaims, lifetime: number = DEFAULT_TOKEN_LIFETIME): Promise<string> {
    assertClaims(claims, lifetime);
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1_000);
    return await new SignJWT({ sub: this.#peerId, ...claims } as JsonObject as JWTPayload)
      .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
      .setIssuer(this.#peerId)
      .setAudience(this.#networkId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + Math.ceil(lifetime / 1_000))
      .setJti(randomUUID())
      .sign(this.#key);
  }

  /** @throws AuthenticationError saying which check failed. */
  async check(token: string, subject: string): Promise<Claims> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        audience: this.#networkId,
        subject,
        requiredClaims: ["iss", "sub", "aud", "exp", "jti"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(this.#clock.nowMs()),
      });
      return payload as JWTPayload & Claims;
    } catch (cause) {
      throw new AuthenticationError(`the token was not accepted: ${reasonOf(cause)}`, {
        ...{ cause, details: { peerId: subject } },
      });
    }
  }
}

function assertClaims(claims: TokenClaims, lifetime: number): void {
  const taken = ours.find((name) => name in claims);
  if (taken) throw invalid(`the claim ${taken}`, "left out: it is set here");
  if (claims.sub !== undefined && !isName(claims.sub)) throw invalid("the claim sub", "a peer id");
  if (!(lifetime > 0 && Number.isFinite(lifetime))) throw invalid("expiresIn", "above 0 ms");
}

/** In our words, and without anything of the token itself. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  if (error instanceof errors.JOSEAlgNotAllowed) return "its algorithm is not HS256";
  return "it is no token of this network";
}
