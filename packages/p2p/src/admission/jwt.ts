import { createSecretKey, type KeyObject, type webcrypto } from "node:crypto";
import { AuthenticationError } from "@net/core";
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import type { Claims } from "./token-claims.ts";

// The one file that knows how JWTs (RFC 7519) are made and checked. A key says which algorithm it is for, never the token
// (RFC 8725 §3.1), and each kind of token has a `typ` of its own (§3.11).

/** A key, the algorithm it is for, and what kind of token it makes. */
export type TokenKey =
  | { readonly alg: "HS256"; readonly typ: "JWT"; readonly key: webcrypto.CryptoKey }
  | {
      readonly alg: "EdDSA";
      readonly typ: "net-admission+jwt";
      /** Private to sign, public to check. */
      readonly key: KeyObject;
      /** The raw public key, base64url: by which it is found among those that are trusted. */
      readonly kid: string;
    };

/** What a token says of itself, before anything is checked. */
export interface TokenHeader {
  readonly alg: unknown;
  readonly kid: unknown;
}

export interface VerifyOptions {
  readonly audience: string;
  readonly subject: string;
  readonly nowMs: number;
  /** Names the channel over which the token came. */
  readonly channel?: string | undefined;
}

/** How far the clocks of two machines may differ, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 30;
const REQUIRED = ["iss", "sub", "aud", "iat", "exp", "jti"];

/** The key of a secret: read once, and not for every token. */
export function secretTokenKey(secret: string): TokenKey {
  const key = createSecretKey(secret, "utf8");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return {
    ...{ alg: "HS256", typ: "JWT" },
    key: key.toCryptoKey(algorithm, false, ["sign", "verify"]),
  };
}

/** @param claims JSON. */
export async function signToken(claims: object, key: TokenKey): Promise<string> {
  const { alg, typ } = key;
  const kid = key.alg === "EdDSA" ? { kid: key.kid } : {};
  return await new SignJWT(claims as JWTPayload)
    .setProtectedHeader({ alg, typ, ...kid })
    .sign(key.key);
}

/** @throws AuthenticationError if it is no token. */
export function readTokenHeader(token: string): TokenHeader {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return { alg, kid };
  } catch (cause) {
    throw refused(cause);
  }
}

/** What a token says, after its signature, times, audience and subject were checked. @throws AuthenticationError */
export async function verifyToken(
  token: string,
  { alg, typ, key }: TokenKey,
  { audience, subject, ...time }: VerifyOptions,
): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...{ algorithms: [alg], typ, audience, subject, requiredClaims: REQUIRED },
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(momentOf(token, time)),
    });
    return payload as JWTPayload & Claims;
  } catch (cause) {
    throw refused(cause, subject);
  }
}

/**
 * The time by which a token is judged. One that names the channel it came over was made during this very handshake, whose
 * hash nobody knew before: it is judged by its maker's clock, however far that is off.
 */
function momentOf(
  token: string,
  { nowMs, channel }: Pick<VerifyOptions, "nowMs" | "channel">,
): number {
  const { channel: named, iat } = decodeJwt(token);
  const isFresh = channel !== undefined && named === channel && typeof iat === "number";
  return isFresh ? iat * 1_000 : nowMs;
}

function refused(cause: unknown, peerId?: string): AuthenticationError {
  const details = peerId === undefined ? {} : { peerId };
  return new AuthenticationError(`the token was not accepted: ${reasonOf(cause)}`, {
    ...{ cause, details },
  });
}

/** In our words, and without anything of the token itself. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  if (error instanceof errors.JOSEAlgNotAllowed) return "its algorithm is not its key's";
  return "it is no token of this network";
}
