import { CHUNK_BYTES } from "./chunks.ts";

/** What sender and receiver may count on before anything was announced: the floor of every window. */
export const INITIAL_CREDIT_BYTES: number = 32 * 1024;

/**
 * The credit that must be there for a frame to go: its bytes, but at most those of a chunk, so that none is too large
 * ever to pass. A larger one leaves a debt, which the next announcement must pay first. Sender and receiver judge alike.
 */
export function creditNeed(bytes: number): number {
  return Math.min(bytes, CHUNK_BYTES);
}
