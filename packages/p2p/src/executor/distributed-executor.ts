import { AbortScope, type Clock, toNetworkError } from "@net/core";
import type { ToolRouter } from "@net/routing";
import { invalid } from "../names.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import { networkOf } from "./attachment.ts";
import { Bulkhead } from "./bulkhead.ts";
import { Circuits } from "./circuits.ts";
import type {
  ExecuteOptions,
  Execution,
  ParallelOptions,
  ParallelRequest,
  ParallelResult,
} from "./execution.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { ExecutionCounter, type ExecutionPeer, type ExecutionStats } from "./execution-stats.ts";
import {
  assertExecutorParts,
  type DistributedExecutorOptions,
  executorSettings,
} from "./executor-options.ts";
import { Hedging } from "./hedging.ts";
import { KeyedCalls } from "./keyed-calls.ts";
import { OneExecution } from "./one-execution.ts";
import { assertRequest, assertRequests, mapBounded } from "./parallel.ts";
import { PeerChoice } from "./peer-choice.ts";
import { Seats } from "./seats.ts";
import { assertContext, assertExecuteOptions } from "./task.ts";
import { Tries } from "./tries.ts";

export type {
  ExecuteOptions,
  Execution,
  ExecutionRequest,
  HedgeOptions,
  ParallelOptions,
  ParallelRequest,
  ParallelResult,
} from "./execution.ts";
export type { DistributedExecutorOptions } from "./executor-options.ts";

/** How many of `executeParallel` run at the same time unless it says otherwise. */
const DEFAULT_CONCURRENCY = 8;

/**
 * Runs tools wherever they run best: here or on a peer, and on another peer if that one fails.
 *
 * - What certainly did not run goes on to the next peer. What may have run goes on only if the tool is idempotent.
 * - A call with an `idempotencyKey` runs at most once at a peer, and goes to no second one while it may have run at the first: if
 *   the answer was lost, the first peer is asked again, and answers from its ledger.
 * - What else may have run is `OUTCOME_UNKNOWN`, and is not run again.
 * - A peer that falls silent gets no new calls, and idempotent ones that are there are given to another one at once.
 *
 * @example
 * ```ts
 * const executor = new DistributedExecutor(network.tools, network.router());
 * const { value, executedOn } = await executor.execute("resize", { width: 200 }, {}, { requiredCapabilities: ["gpu"] });
 * ```
 */
export class DistributedExecutor {
  readonly #router: ToolRouter;
  readonly #clock: Clock;
  readonly #bulkhead: Bulkhead;
  readonly #circuits: Circuits;
  readonly #counter = new ExecutionCounter();
  readonly #parts: ExecutionParts;

  /**
   * @param router one of `network.router()`, or one that `network.attach` was given; else only this process runs tools.
   * @throws ValidationError if one of them is missing, or an option does not exist or is not what it must be.
   */
  constructor(
    localExecutor: ToolExecutor,
    router: ToolRouter,
    options: DistributedExecutorOptions = {},
  ) {
    assertExecutorParts(localExecutor, router);
    const settings = executorSettings(options);
    const { clock, rng, recoverFor, breaker, retryBudget: budget } = settings;
    this.#router = router;
    this.#clock = clock;
    this.#bulkhead = new Bulkhead(settings);
    this.#circuits = new Circuits({ ...breaker, clock });
    const choice = new PeerChoice(localExecutor, router, this.#bulkhead, this.#circuits);
    this.#parts = {
      ...{ choice, clock, rng, recoverFor, budget, counter: this.#counter },
      seats: new Seats(choice, this.#bulkhead, this.#circuits),
      tries: new Tries(localExecutor, router, { clock, rng }),
      keyed: new KeyedCalls(clock),
      hedging: new Hedging(),
      network: () => networkOf(router),
    };
  }

  /**
   * Runs a tool on the best peer. A peer that cannot take it, or dies before it began, is replaced by another; one
   * that dies later only if running it twice does no harm.
   *
   * @throws NetworkError `TOOL_NOT_FOUND` if nobody who can be reached has that tool and those capabilities;
   *   `OUTCOME_UNKNOWN` if the peer died and the tool may have run; what the tool threw; `CONFLICT` if the key was used with
   *   other arguments; CircuitOpenError, OverloadedError if all peers are so; AbortedError, NetworkTimeoutError
   *   `DEADLINE_EXCEEDED`; ValidationError; of several peers' failures, the last one that may pass.
   */
  execute(
    toolName: string,
    params: unknown,
    context: ExecutionContext = {},
    options: ExecuteOptions = {},
  ): Promise<Execution> {
    return new Promise((resolve, reject) => {
      assertContext(context);
      assertExecuteOptions(options);
      const order = { toolName, params, context, options, resolve, reject };
      new OneExecution(this.#parts, order).start();
    });
  }

  /**
   * Runs many, spread over the peers. Never rejects for a single one, nor when all are aborted: each result, in the order of the
   * requests, says how it ended.
   *
   * @throws ValidationError if the requests are no list, or `concurrency` is not 1 or more.
   */
  async executeParallel(
    requests: readonly ParallelRequest[],
    { concurrency = DEFAULT_CONCURRENCY, deadlineMs, ...options }: ParallelOptions = {},
  ): Promise<ParallelResult[]> {
    if (!(concurrency >= 1)) throw invalid("concurrency", "1 or more");
    using limit = this.#limit(deadlineMs, options.signal);
    return await mapBounded(assertRequests(requests), concurrency, async (request, index) => {
      const { signal } = limit;
      const shared = { ...options, signal, deadlineMs: limit.remainingMs() };
      try {
        const { toolName, params, context, idempotencyKey } = assertRequest(request, index);
        const own = { ...shared, idempotencyKey };
        return { ok: true, ...(await this.execute(toolName, params, context, own)) };
      } catch (error) {
        return { ok: false, error: toNetworkError(error) };
      }
    });
  }

  getStats(): ExecutionStats {
    return { ...this.#counter.read(), waiting: this.#bulkhead.waiting, peers: this.#peers() };
  }

  #limit(deadlineMs: number | undefined, within: AbortSignal | undefined): AbortScope {
    return new AbortScope({ deadlineMs, within, clock: this.#clock });
  }

  #peers(): Record<string, ExecutionPeer> {
    const network = networkOf(this.#router);
    const peers = [...this.#circuits.states()].map(([peerId, circuit]) => {
      const inFlight = this.#bulkhead.inFlight.get(peerId) ?? 0;
      return [peerId, { inFlight, circuit, state: network?.state?.(peerId) ?? "alive" }] as const;
    });
    return Object.fromEntries(peers);
  }
}
