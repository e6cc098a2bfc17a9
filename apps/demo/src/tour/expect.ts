import { NetworkError } from "@net/core";

/** Fails a step when what the tour promises was not seen. */
export function expectSeen(seen: unknown, otherwise: string): asserts seen {
  if (!seen) throw new NetworkError("INVALID_STATE", otherwise);
}
