import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type Clock,
  RetryBudget,
  type RetryTokens,
  type Rng,
  systemClock,
  systemRng,
} from "@net/core";
import {
  clock as aClock,
  rng as anRng,
  assertOptions,
  assertValue,
  having,
  type Rule,
  type Rules,
  readElsewhere,
} from "@net/core/options";
import type { ToolRouter } from "@net/routing";
import { invalid } from "../names.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import { toolRouter } from "./attachment.ts";

/** Calls from here at one peer: what two of its tools take by default. */
const DEFAULT_MAX_PER_PEER = 128;
const DEFAULT_MAX_WAITING = 1_024;
const DEFAULT_RECOVER_FOR = 30_000;

export interface DistributedExecutorOptions {
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
  /** The most calls from here at one peer at the same time. Default 128. */
  readonly maxPerPeer?: number | undefined;
  /** The most calls that wait while all peers are full; one more is `OVERLOADED`. Default 1024. */
  readonly maxWaiting?: number | undefined;
  /** When a peer that loses calls gets none for a while. Default: core's. */
  readonly breaker?: Omit<CircuitBreakerOptions, "clock" | "name" | "onChange"> | undefined;
  /** For repetitions of what may have run, and for calls begun anew. Default: a fifth of the calls, and 10 a second. */
  readonly retryBudget?: RetryTokens | undefined;
  /**
   * How long a keyed call whose answer was lost is asked for again, in ms; a deadline may end it earlier. Default 30,000; more
   * than the ten minutes of a ledger is of no use.
   */
  readonly recoverFor?: number | undefined;
}

/** The options, completed by the defaults. */
export type ExecutorSettings = {
  readonly [Name in keyof DistributedExecutorOptions]-?: NonNullable<
    DistributedExecutorOptions[Name]
  >;
};

const toolExecutor: Rule = having<ToolExecutor>("a ToolExecutor", ["get", "run"]);

const rules: Rules<DistributedExecutorOptions> = {
  ...{ clock: aClock, rng: anRng, maxPerPeer: readElsewhere, maxWaiting: readElsewhere },
  ...{ breaker: readElsewhere, recoverFor: readElsewhere },
  retryBudget: having<RetryTokens>("a RetryBudget", ["tryTake", "giveBack"]),
};

const breakerRules: Rules<NonNullable<DistributedExecutorOptions["breaker"]>> = {
  ...{ failureRatio: readElsewhere, minimumCalls: readElsewhere, window: readElsewhere },
  ...{ openFor: readElsewhere, probes: readElsewhere },
};

/** What runs tools here, and who chooses among peers. @throws ValidationError naming the one that is missing. */
export function assertExecutorParts(localExecutor: ToolExecutor, router: ToolRouter): void {
  assertValue(localExecutor, toolExecutor, "the localExecutor of a DistributedExecutor");
  assertValue(router, toolRouter, "the router of a DistributedExecutor");
}

/** @throws ValidationError if an option does not exist, or is not what it must be. */
export function executorSettings(options: DistributedExecutorOptions): ExecutorSettings {
  assertOptions(options, rules, "a DistributedExecutor", (name) => name);
  const { clock = systemClock, rng = systemRng, breaker = {} } = options;
  const { maxPerPeer = DEFAULT_MAX_PER_PEER, maxWaiting = DEFAULT_MAX_WAITING } = options;
  const { recoverFor = DEFAULT_RECOVER_FOR, retryBudget = new RetryBudget({ clock }) } = options;
  assertBreaker(breaker);
  if (!(maxPerPeer >= 1)) throw invalid("maxPerPeer", "1 or more");
  if (!(maxWaiting >= 0)) throw invalid("maxWaiting", "0 or more");
  if (!(recoverFor >= 0)) throw invalid("recoverFor", "0 or more");
  return { clock, rng, breaker, maxPerPeer, maxWaiting, recoverFor, retryBudget };
}

/** Each peer gets its breaker when it is first called: too late to say that none can be made. */
function assertBreaker(breaker: ExecutorSettings["breaker"]): void {
  assertOptions(breaker, breakerRules, "breaker");
  new CircuitBreaker(breaker);
}
