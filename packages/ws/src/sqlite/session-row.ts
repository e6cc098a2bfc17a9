import type { StoredSession } from "../session/store/store.ts";

/** A session as it lies in the table. */
export interface Row {
  readonly epoch: string;
  readonly cursor: number;
  readonly acked: number;
  readonly offered: number;
  readonly head: number;
  readonly base: number;
  readonly committed: number;
}

/** What a store says of it. */
export function stored({ epoch, cursor, acked, head }: Row): StoredSession {
  return { epoch, cursor, acked, head };
}
