import type { VerifySignature } from "./signing.ts";

/** The most signatures remembered: some megabytes of statements. */
const MAX_REMEMBERED = 4_096;

interface Verified {
  readonly publicKey: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Verifies each signature once, however many peers live in this process: all of them hear the same adverts, and verifying is the
 * greatest part of what an advert costs. Only what was right is remembered, and it counts only for exactly the same key and bytes.
 */
export function verifiedOnce(
  verify: VerifySignature,
  maxRemembered: number = MAX_REMEMBERED,
): VerifySignature {
  /** By signature; the oldest first. */
  const verified = new Map<string, Verified>();
  return (publicKey, bytes, signature) => {
    const name = Buffer.from(signature).toString("latin1");
    const known = verified.get(name);
    if (known && isSame(known.publicKey, publicKey) && isSame(known.bytes, bytes)) return true;
    if (!verify(publicKey, bytes, signature)) return false;
    const [oldest] = verified.size >= maxRemembered ? verified.keys() : [];
    if (oldest !== undefined) verified.delete(oldest);
    verified.set(name, { publicKey, bytes });
    return true;
  };
}

/** What is compared is public: nothing to hide in how long this takes. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
