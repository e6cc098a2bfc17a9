import { createHash, randomBytes } from "node:crypto";

const TOKEN_BYTES = 32;

/** A new session token: 256 random bits as 43 characters. Whoever has it is the user until it ends. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/**
 * What the store keeps of a token. One round of SHA-256 is enough for 256 random bits, and looking the hash up
 * tells an attacker who measures time nothing about any token.
 */
export function hashToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
