import type { Clock, RetryTokens, Rng } from "@net/core";
import type { ExecutionNetwork } from "./attachment.ts";
import type { ExecutionCounter } from "./execution-stats.ts";
import type { Hedging } from "./hedging.ts";
import type { KeyedCalls } from "./keyed-calls.ts";
import type { PeerChoice } from "./peer-choice.ts";
import type { Seats } from "./seats.ts";
import type { Tries } from "./tries.ts";

/** What all executions of an executor share. */
export interface ExecutionParts {
  readonly choice: PeerChoice;
  readonly seats: Seats;
  readonly tries: Tries;
  readonly keyed: KeyedCalls;
  readonly hedging: Hedging;
  readonly budget: RetryTokens;
  readonly counter: ExecutionCounter;
  readonly clock: Clock;
  readonly rng: Rng;
  /** How long a keyed call whose answer was lost is asked for again, in ms. */
  readonly recoverFor: number;
  network(): ExecutionNetwork | undefined;
}
