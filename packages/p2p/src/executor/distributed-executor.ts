import {
  abortedError,
  type Clock,
  type Deadline,
  deadline,
  type ErrorCode,
  NetworkError,
  systemClock,
} from "@net/core";
import type { ToolCandidate, ToolRouter } from "@net/routing";
import { callError } from "../calls/tool-call.ts";
import { invalid } from "../names.ts";
import type { Failure, Outcome } from "../tools/outcome.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import { networkOf } from "./attachment.ts";
import { ExecutionCounter, type ExecutionStats } from "./execution-stats.ts";
import { mapBounded } from "./parallel.ts";

/** How many of `executeParallel` run at the same time unless it says otherwise. */
const DEFAULT_CONCURRENCY = 8;
/** What this process is called while the router is attached to no network. */
const LOCAL = "local";

/** Reasons of one peer for not running a tool at all that another may not have. */
const elsewhere: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "PERMISSION_DENIED",
  "TOOL_NOT_FOUND",
]);

export interface ExecuteOptions {
  /** Runs it in this process if it can. Default false. */
  readonly preferLocal?: boolean | undefined;
  /** The peer must have them all. */
  readonly requiredCapabilities?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For all tries together, from now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
  /** Says that running it again does no harm, also if the tool does not say so of itself. */
  readonly idempotencyKey?: string | undefined;
}

export interface Execution {
  readonly value: unknown;
  /** The peer that ran it; `local` for this process while the router is attached to no network. */
  readonly executedOn: string;
  /** How many peers were tried. */
  readonly attempts: number;
}

export interface ExecutionRequest {
  readonly toolName: string;
  readonly params: unknown;
  readonly context?: ExecutionContext | undefined;
}

/** How one of several executions ended. */
export type ParallelResult =
  | ({ readonly ok: true } & Execution)
  | { readonly ok: false; readonly error: NetworkError };

export interface ParallelOptions extends ExecuteOptions {
  /** How many run at the same time. Default 8. */
  readonly concurrency?: number | undefined;
}

export interface DistributedExecutorOptions {
  readonly clock?: Clock;
}

/** One execution, on its way from peer to peer. */
interface Task extends ExecutionRequest {
  readonly options: ExecuteOptions;
  readonly limit: Deadline;
}

/**
 * Runs tools wherever they run best: here or on a peer, and on another peer if that one fails.
 *
 * @example
 * ```ts
 * const executor = new DistributedExecutor(network.tools, network.router());
 * const { value, executedOn } = await executor.execute("resize", { width: 200 }, {}, { requiredCapabilities: ["gpu"] });
 * ```
 */
export class DistributedExecutor {
  readonly #local: ToolExecutor;
  readonly #router: ToolRouter;
  readonly #clock: Clock;
  readonly #counter = new ExecutionCounter();

  /** @param router one of `network.router()`, or one that `network.attach` was given; else only this process runs tools. */
  constructor(
    localExecutor: ToolExecutor,
    router: ToolRouter,
    { clock = systemClock }: DistributedExecutorOptions = {},
  ) {
    this.#local = localExecutor;
    this.#router = router;
    this.#clock = clock;
  }

  /**
   * Runs a tool on the best peer. A peer that cannot take it, or dies before it began, is replaced by another; one
   * that dies later only if running it twice does no harm.
   *
   * @throws NetworkError `TOOL_NOT_FOUND` if nobody who can be reached has that tool and those capabilities;
   *   `OUTCOME_UNKNOWN` if the peer died and the tool may have run; what the tool threw; AbortedError,
   *   NetworkTimeoutError `DEADLINE_EXCEEDED`; of several peers' failures, the last.
   */
  async execute(
    toolName: string,
    params: unknown,
    context: ExecutionContext = {},
    options: ExecuteOptions = {},
  ): Promise<Execution> {
    const { deadlineMs, signal } = options;
    using limit = deadline(deadlineMs, signal, { clock: this.#clock });
    this.#counter.started();
    try {
      const execution = await this.#run({ toolName, params, context, options, limit });
      this.#counter.succeeded(execution.executedOn);
      return execution;
    } catch (error) {
      this.#counter.failed();
      throw error;
    }
  }

  /**
   * Runs many, spread over the peers. Never rejects for a single one: each result, in the order of the requests, says
   * how it ended.
   *
   * @throws ValidationError if `concurrency` is not 1 or more.
   */
  async executeParallel(
    requests: readonly ExecutionRequest[],
    { concurrency = DEFAULT_CONCURRENCY, ...options }: ParallelOptions = {},
  ): Promise<ParallelResult[]> {
    if (!(concurrency >= 1)) throw invalid("concurrency", "1 or more");
    return await mapBounded(requests, concurrency, async ({ toolName, params, context }) => {
      try {
        return { ok: true, ...(await this.execute(toolName, params, context, options)) };
      } catch (error) {
        if (!NetworkError.is(error)) throw error;
        return { ok: false, error };
      }
    });
  }

  getStats(): ExecutionStats {
    return this.#counter.read();
  }

  async #run(task: Task): Promise<Execution> {
    const tried = new Set<string>();
    let last: NetworkError | undefined;
    for (let peer = this.#choose(task, tried); peer; peer = this.#choose(task, tried)) {
      if (task.limit.signal.aborted) throw abortedError(task.limit.signal);
      if (tried.size > 0) this.#counter.failedOver();
      tried.add(peer.peerId);
      const outcome = await this.#tryOn(peer, task);
      if (outcome.ok) {
        return { value: outcome.value, executedOn: peer.peerId, attempts: tried.size };
      }
      const repeatable = this.#isRepeatable(peer.peerId, task);
      last = callError(peer.peerId, outcome, repeatable);
      if (!mayRunElsewhere(outcome, repeatable)) throw last;
    }
    throw last ?? nobody(task);
  }

  #choose({ toolName, options }: Task, tried: ReadonlySet<string>): ToolCandidate | undefined {
    const { preferLocal, requiredCapabilities } = options;
    const remote = networkOf(this.#router)?.candidates() ?? [];
    return this.#router.choose(toolName, [this.#here(), ...remote], {
      ...{ preferLocal, requiredCapabilities, exclude: tried },
    });
  }

  #here(): ToolCandidate {
    const network = networkOf(this.#router);
    const tools = this.#local.definitions.map(({ name }) => name);
    return {
      ...{ peerId: network?.peerId ?? LOCAL, local: true, tools },
      capabilities: network?.capabilities ?? [],
    };
  }

  async #tryOn({ peerId, local }: ToolCandidate, task: Task): Promise<Outcome> {
    const { toolName: tool, params: args, context, options, limit } = task;
    const network = networkOf(this.#router);
    const remainingMs = limit.remainingMs();
    const how = { signal: limit.signal, context, idempotencyKey: options.idempotencyKey };
    if (network && !local) {
      return await network.invoke(peerId, { tool, args, deadlineMs: remainingMs, ...how });
    }
    const tracked = network?.quality.start(peerId);
    const outcome = await this.#local.run(tool, args, how);
    tracked?.end(outcome);
    return outcome;
  }

  #isRepeatable(peerId: string, { toolName, options }: Task): boolean {
    if (options.idempotencyKey !== undefined) return true;
    return networkOf(this.#router)?.isIdempotent(peerId, toolName) ?? false;
  }
}

function mayRunElsewhere({ fate, error }: Failure, repeatable: boolean): boolean {
  if (fate === "lost") return repeatable;
  return fate === "not-run" && (error.retryable || elsewhere.has(error.code));
}

function nobody({ toolName, options }: Task): NetworkError {
  const { requiredCapabilities = [] } = options;
  const having =
    requiredCapabilities.length > 0 ? ` and has ${requiredCapabilities.join(", ")}` : "";
  return new NetworkError(
    "TOOL_NOT_FOUND",
    `no peer that can be reached offers ${toolName}${having}`,
  );
}
