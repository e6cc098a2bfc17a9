import { createHash } from "node:crypto";
import { toBase32 } from "./base32.ts";

/** 160 of SHA-256's 256 bits: a second key with the same fingerprint is out of reach. */
const FINGERPRINT_BITS = 160;

/**
 * A public key for people to compare: SHA-256 of the raw key, its first 160 bits in Crockford's base 32,
 * in eight groups of four: `7T4M-0K2P-…`.
 */
export function fingerprint(publicKey: Uint8Array): string {
  return toBase32(createHash("sha256").update(publicKey).digest(), FINGERPRINT_BITS);
}
