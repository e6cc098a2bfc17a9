import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ValidationError } from "@net/core";
import { normalizeBase32, toBase32 } from "@net/core/identity";

/** Too many to try, also for somebody who recorded a proof and has years. */
const CODE_BITS = 80;
const CODE_CHARACTERS = 16;
const grammar = /^[0-9A-HJKMNP-TV-Z]{16}$/;

/** What a code proves: that this end of this very channel knows it. */
export type ProofOf = "owner" | "device";

/** A code that is typed or shown as a picture, and works once: `7T4M-0K2P-91QX-ZC3D`. */
export function makeCode(): string {
  return toBase32(randomBytes(CODE_BITS / 8), CODE_BITS);
}

/** The code as it was made, however it was typed. @throws ValidationError */
export function readCode(typed: string): string {
  const code = normalizeBase32(typed);
  if (grammar.test(code)) return code;
  throw new ValidationError(
    `a pairing code has ${CODE_CHARACTERS} letters and digits, as in 7T4M-0K2P-91QX-ZC3D`,
  );
}

/** @param channel the handshake hash of the link: a proof seen there is worth nothing elsewhere. */
export function proofOf(code: string, end: ProofOf, channel: Uint8Array): Uint8Array {
  return createHmac("sha256", readCode(code)).update(`net/pair ${end}\0`).update(channel).digest();
}

export function isProof(
  proof: Uint8Array,
  code: string,
  end: ProofOf,
  channel: Uint8Array,
): boolean {
  const wanted = proofOf(code, end, channel);
  return proof.byteLength === wanted.byteLength && timingSafeEqual(proof, wanted);
}
