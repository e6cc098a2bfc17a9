import { AuthenticationError, isRecord } from "@net/core";
import { publicKeyObject } from "@net/core/identity";
import { invalid, isName } from "../names.ts";

/** What a token that passed every check says. */
export interface Claims {
  /** Whom it is about. */
  readonly sub: string;
  /** Who made it. */
  readonly iss: string;
  readonly jti: string;
  /** When it was made and when it ends, in seconds since the epoch. */
  readonly iat: number;
  readonly exp: number;
  readonly [name: string]: unknown;
}

/** What the caller may say in a token; the registered claims are ours. */
export interface TokenClaims {
  /** Whom it is about. Default: the peer that makes it. */
  readonly sub?: string;
  /**
   * The raw public key of the device it is for (`identity.publicKey`), which must prove to hold it. Default: this peer's for
   * itself, for others whichever device uses it first.
   */
  readonly device?: Uint8Array;
  /**
   * The only tools that its holder may call, each by its name or its `permission`: `["files.read", "search.*"]`; `[]` is none.
   * Default: those without a `permission`.
   */
  readonly tools?: readonly string[];
  /** The key of the device that had this id before, which this one takes the place of. */
  readonly replaces?: Uint8Array;
  readonly [name: string]: unknown;
}

const ours: readonly string[] = ["iss", "aud", "exp", "nbf", "iat", "jti", "cnf"];

/** What a token says of its holder, as it stands in it. @throws ValidationError for claims that are not the caller's to make. */
export function encodeClaims({ device, replaces, ...claims }: TokenClaims): object {
  const taken = ours.find((name) => name in claims);
  if (taken) throw invalid(`the claim ${taken}`, "left out: it is set here");
  if (claims.sub !== undefined && !isName(claims.sub)) throw invalid("the claim sub", "a peer id");
  if (claims.tools !== undefined) assertPatterns(claims.tools);
  return {
    ...claims,
    ...(device && { cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: keyText(device) } } }),
    ...(replaces && { replaces: keyText(replaces) }),
  };
}

function assertPatterns(tools: unknown): void {
  const arePatterns =
    Array.isArray(tools) && tools.every((each) => each && typeof each === "string");
  if (!arePatterns) throw invalid("the claim tools", 'a list of tools, as ["search.*"]');
}

/** The key of the device that the token is for, base64url (RFC 7800 §3.2); undefined if it names none. @throws AuthenticationError */
export function confirmedKey({ cnf, sub }: Claims): string | undefined {
  if (cnf === undefined) return undefined;
  const jwk = isRecord(cnf) ? cnf.jwk : undefined;
  if (isRecord(jwk) && jwk.kty === "OKP" && jwk.crv === "Ed25519" && typeof jwk.x === "string") {
    return jwk.x;
  }
  throw new AuthenticationError("the token was not accepted: its claim cnf is wrong", {
    details: { peerId: sub },
  });
}

/** A raw public key as it stands in a claim. @throws ValidationError unless it is one. */
export function keyText(publicKey: Uint8Array): string {
  publicKeyObject(publicKey);
  return Buffer.from(publicKey).toString("base64url");
}
