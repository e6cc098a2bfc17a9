import { AuthenticationError, ValidationError } from "../errors/kinds.ts";
import { isRecord } from "../json.ts";
import { type DeviceIdentity, verifySignature } from "./key-pair.ts";

// What an owner signs travels as a JWT: JWS compact serialisation (RFC 7515) with EdDSA (RFC 8037), explicitly typed
// (RFC 8725 §3.11) so that no kind of statement passes for another. `iss` is the signer's key itself.

const kinds = [
  "net-device+jwt",
  "net-owner-successor+jwt",
  "net-revocation+jwt",
  "net-grant+jwt",
  "net-grant-revocation+jwt",
] as const;

export type StatementKind = (typeof kinds)[number];

/** What a statement says, by the names of RFC 7519; times in seconds. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Statement {
  readonly kind: StatementKind;
  /** The raw public key that signed it. */
  readonly signer: Uint8Array;
  readonly issuedAtMs: number;
  readonly claims: Claims;
  /** As it travels. */
  readonly text: string;
}

const KINDS: ReadonlySet<unknown> = new Set<StatementKind>(kinds);
/** A certificate has about 400. */
const MAX_LENGTH = 4_096;

export function signStatement(kind: StatementKind, signer: DeviceIdentity, claims: Claims): string {
  const all = { iss: keyText(signer.publicKey), ...claims };
  const signed = `${jsonText({ alg: "EdDSA", typ: kind })}.${jsonText(all)}`;
  const signature = signer.sign(Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

/**
 * Reads a statement and checks that its `iss` signed it; whether that key may say so is another question.
 *
 * @throws ValidationError if it is no statement; AuthenticationError if the signature is wrong.
 */
export function readStatement(text: string): Statement {
  const parts = text.length <= MAX_LENGTH ? text.split(".") : [];
  const [header = "", payload = "", signature = "", ...rest] = parts;
  const kind = kindOf(header);
  const claims = rest.length === 0 ? parse(payload) : undefined;
  if (!kind || !claims) throw new ValidationError("this is no signed statement of an owner");
  const signer = keyOf(claims, "iss");
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verifySignature(signer, signed, Buffer.from(signature, "base64url"))) {
    throw new AuthenticationError("a statement's signature is not its issuer's");
  }
  return { kind, signer, issuedAtMs: timeOf(claims, "iat"), claims, text };
}

/** A raw public key as it stands in a claim: base64url, as a JWK's `x` (RFC 8037 §2). */
export function keyText(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString("base64url");
}

/** @throws ValidationError unless the claim is a public key. */
export function keyOf(claims: Claims, name: string): Uint8Array {
  const text = claims[name];
  const key = typeof text === "string" ? Buffer.from(text, "base64url") : Buffer.alloc(0);
  if (key.length === 32 && keyText(key) === text) return new Uint8Array(key);
  throw new ValidationError(`a statement's ${name} must be an Ed25519 public key, base64url`);
}

/** @throws ValidationError unless the claim is a text of 1 to `maxLength` characters. */
export function textOf(claims: Claims, name: string, maxLength: number): string {
  const text = claims[name];
  if (typeof text === "string" && text.length > 0 && text.length <= maxLength) return text;
  throw new ValidationError(`a statement's ${name} must be text`);
}

/** A time in ms. @throws ValidationError unless the claim is one. */
export function timeOf(claims: Claims, name: string): number {
  const seconds = claims[name];
  if (typeof seconds === "number" && seconds >= 0 && seconds < 2 ** 40) return seconds * 1_000;
  throw new ValidationError(`a statement's ${name} must be a time in seconds`);
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

function kindOf(header: string): StatementKind | undefined {
  const { alg, typ } = parse(header) ?? {};
  return alg === "EdDSA" && KINDS.has(typ) ? (typ as StatementKind) : undefined;
}

function parse(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function jsonText(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
