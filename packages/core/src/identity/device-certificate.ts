import { ValidationError } from "../errors/kinds.ts";
import { isRecord } from "../json.ts";
import { type Claims, keyOf, type Statement, textOf, timeOf } from "./statement.ts";

/** The owner's word that a device is one of his, under that name, until that time. */
export interface DeviceCertificate {
  /** Names this certificate: renewing a device makes another. */
  readonly id: string;
  /** The raw public key of the owner who signed it. */
  readonly owner: Uint8Array;
  /** The raw public key of the device. */
  readonly device: Uint8Array;
  /** The device's name in the owner's network. */
  readonly name: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The device key that had the name before; it is not accepted any more. */
  readonly replaces?: Uint8Array;
  /** Whether tokens that the device makes let others into the owner's network. */
  readonly mayInvite: boolean;
  /** As it travels: a JWT (RFC 7519) whose `cnf` (RFC 7800) is the device's key. */
  readonly text: string;
}

const MAX_NAME_LENGTH = 128;
const MAX_ID_LENGTH = 64;

/** What a certificate of that statement says. @throws ValidationError if it says it wrongly. */
export function deviceCertificate({
  signer,
  issuedAtMs,
  claims,
  text,
}: Statement): DeviceCertificate {
  return {
    id: textOf(claims, "jti", MAX_ID_LENGTH),
    owner: signer,
    device: keyOf(confirmedKey(claims), "x"),
    name: checkedDeviceName(claims.sub),
    issuedAtMs,
    expiresAtMs: timeOf(claims, "exp"),
    ...(claims.replaces !== undefined && { replaces: keyOf(claims, "replaces") }),
    mayInvite: claims.may_invite === true,
    text,
  };
}

/** @throws ValidationError unless it has 1 to 128 characters. */
export function checkedDeviceName(name: unknown): string {
  if (typeof name === "string" && name.length > 0 && name.length <= MAX_NAME_LENGTH) return name;
  throw new ValidationError(`a device's name must have 1 to ${MAX_NAME_LENGTH} characters`);
}

function confirmedKey({ cnf }: Claims): Claims {
  const jwk = isRecord(cnf) ? cnf.jwk : undefined;
  if (isRecord(jwk) && jwk.kty === "OKP" && jwk.crv === "Ed25519") return jwk;
  throw new ValidationError("a device certificate's cnf.jwk must be an Ed25519 key");
}
