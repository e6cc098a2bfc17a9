import type { Clock, Logger, Rng } from "@net/core";
import type { NodeFeed } from "../nodes/node-feed.ts";
import type { Identify } from "../range/identify.ts";

/** What every way of finding peers is given. */
export interface SourceContext {
  /** Takes what is found. */
  readonly feed: NodeFeed;
  readonly networkId: string;
  readonly identify: Identify | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Aborts when the search is over. */
  readonly signal: AbortSignal;
}
