import { NetworkError, OverloadedError } from "@net/core";
import type { Progress } from "./store.ts";

// What every store checks, in the same words.

/** False if the cursor is there already. @throws NetworkError `CONFLICT` if it is anywhere else. */
export function isNext(cursor: number, { seq, ids }: Progress): boolean {
  if (cursor >= seq) return false;
  if (cursor === seq - ids.length) return true;
  throw new NetworkError(
    "CONFLICT",
    `messages up to ${seq} cannot be committed: those up to ${cursor} are, not those between`,
  );
}

export function staleEpoch(session: string): NetworkError {
  return new NetworkError("CONFLICT", `the session ${session} began anew meanwhile`);
}

export function tooMany(maxWaiting: number): OverloadedError {
  return new OverloadedError(
    `${maxWaiting} messages wait for the other end already; this one was not taken`,
    { details: { maxWaiting } },
  );
}
