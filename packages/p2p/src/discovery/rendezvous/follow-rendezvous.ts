import { type Clock, type Logger, RetryPace, type Rng, sleep, toNetworkError } from "@net/core";
import type { Rendezvous } from "./rendezvous.ts";

/** Between two lookups, in ms. */
const INTERVAL = 60_000;
const SPREAD = 0.2;
const PACE = { min: 1_000, max: INTERVAL, resetAfter: 0 } as const;
/** Records of one lookup that are read; more would be a flood. */
const MAX_RECORDS = 1_024;

export interface FollowOptions {
  readonly rendezvous: Rendezvous;
  readonly networkId: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Gives the name of whom the record is about, if it is good. */
  readonly onRecord: (record: Uint8Array) => string | undefined;
  readonly onLost: (name: string) => void;
}

/** Asks a holder of records for a network's peers, again and again, until the signal aborts. */
export async function followRendezvous(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { rendezvous, networkId, clock, rng, logger } = options;
  const pace = new RetryPace({ ...PACE, clock, rng });
  let names: ReadonlySet<string> = new Set();
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    let delay = INTERVAL * (1 - SPREAD * rng.next());
    try {
      const records = await rendezvous.lookup(networkId, { signal });
      if (isOver()) return;
      names = take(records, names, options);
      pace.opened();
    } catch (cause) {
      if (isOver()) return;
      const error = toNetworkError(cause);
      logger.warn({ error }, "a rendezvous could not be asked");
      pace.failed();
      delay = pace.delayMs(error);
    }
    await sleep(delay, { signal, clock }).catch(() => {}); // Aborted: the loop ends.
  }
}

/** Tells of those that are there, and of those that are there no more. */
function take(
  records: readonly Uint8Array[],
  before: ReadonlySet<string>,
  { onRecord, onLost }: FollowOptions,
): ReadonlySet<string> {
  const now = new Set(records.slice(0, MAX_RECORDS).flatMap((record) => onRecord(record) ?? []));
  for (const name of before) if (!now.has(name)) onLost(name);
  return now;
}
