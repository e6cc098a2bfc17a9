import type { VerifySignature } from "../../../src/gossip/signing.ts";
import { verifyEd25519 } from "../../../src/gossip/signing.ts";

/**
 * Real signatures, each verified once for all the peers of a simulation: they would all come to the same result, and two hundred peers
 * on one machine would do little else.
 */
export function verifyOnce(): VerifySignature {
  const results = new Map<string, boolean>();
  return (publicKey, bytes, signature) => {
    const text = [publicKey, signature, bytes].map((part) => Buffer.from(part).toString("latin1"));
    const key = text.join("\n");
    const result = results.get(key) ?? verifyEd25519(publicKey, bytes, signature);
    results.set(key, result);
    return result;
  };
}
