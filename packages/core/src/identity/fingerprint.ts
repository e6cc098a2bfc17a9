import { createHash } from "node:crypto";

/** Crockford's base 32: no I, L, O, U, so that it can be read aloud and typed. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 160 of SHA-256's 256 bits: a second key with the same fingerprint is out of reach. */
const FINGERPRINT_BITS = 160;
const BITS_PER_CHARACTER = 5;

/**
 * A public key for people to compare: SHA-256 of the raw key, its first 160 bits in Crockford's base 32,
 * in eight groups of four: `7T4M-0K2P-…`.
 */
export function fingerprint(publicKey: Uint8Array): string {
  const hash = createHash("sha256").update(publicKey).digest();
  let characters = "";
  for (let bit = 0; bit < FINGERPRINT_BITS; bit += BITS_PER_CHARACTER) {
    const pair = ((hash[bit >> 3] as number) << 8) | (hash[(bit >> 3) + 1] as number);
    characters += ALPHABET[(pair >> (11 - (bit & 7))) & 31];
  }
  return (characters.match(/.{4}/g) as string[]).join("-");
}
