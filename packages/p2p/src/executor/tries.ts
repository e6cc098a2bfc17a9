import {
  type AbortScope,
  type Clock,
  type NetworkError,
  type Rng,
  toNetworkError,
} from "@net/core";
import type { ToolRouter } from "@net/routing";
import { IncomingStream } from "../calls/incoming-stream.ts";
import { hashArgs } from "../ledger/args-hash.ts";
import { ResultLedger } from "../ledger/result-ledger.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import type { RunOptions, ToolExecutor } from "../tools/tool-executor.ts";
import type { ChunkSink } from "../tools/tool-stream.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import { networkOf } from "./attachment.ts";
import { isTraced, publishAttempt } from "./channels.ts";
import { LOCAL } from "./peer-choice.ts";
import type { Task } from "./task.ts";
import { childTraceparent } from "./traceparent.ts";

export interface TriesOptions {
  readonly clock: Clock;
  readonly rng: Rng;
}

/** One try. */
export interface Try {
  readonly peerId: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly limit: AbortScope;
}

/** Makes tries: here or at a peer, each of them a span of the caller's trace if anybody records spans. */
export class Tries {
  readonly #local: ToolExecutor;
  readonly #router: ToolRouter;
  readonly #options: TriesOptions;
  readonly #ownLedger: ResultLedger;

  constructor(local: ToolExecutor, router: ToolRouter, options: TriesOptions) {
    this.#local = local;
    this.#router = router;
    this.#options = options;
    this.#ownLedger = new ResultLedger({ clock: options.clock });
  }

  /** Never rejects. */
  make(task: Task, one: Try): Promise<Outcome> {
    return isTraced() ? this.#traced(task, one) : this.#run(task, one, task.context);
  }

  async #traced(task: Task, one: Try): Promise<Outcome> {
    const { clock } = this.#options;
    const context = this.#contextOf(task.context);
    const [startedAtMs, startMs] = [clock.nowMs(), clock.monotonicMs()];
    const outcome = await this.#run(task, one, context);
    publishAttempt({
      ...{ tool: task.toolName, peerId: one.peerId, attempt: one.attempt },
      ...{ traceparent: context.traceparent, parent: task.context.traceparent },
      ...{ startedAtMs, durationMs: clock.monotonicMs() - startMs },
      code: outcome.ok ? undefined : outcome.error.code,
    });
    return outcome;
  }

  #run(task: Task, { peerId, limit }: Try, context: ExecutionContext): Promise<Outcome> {
    const network = networkOf(this.#router);
    const { toolName: tool, params: args, options } = task;
    const { idempotencyKey, onProgress, onChunk } = options;
    if (!network || peerId === network.peerId) {
      return this.#runHere(task, { limit, context, onProgress, onChunk });
    }
    const invocation = { tool, args, idempotencyKey, limit, context, onProgress };
    if (!onChunk) return network.invoke(peerId, invocation);
    const stream = new IncomingStream();
    const ended = network.invoke(peerId, { ...invocation, stream }).finally(() => stream.end());
    return Promise.all([ended, pump(stream, onChunk)]).then(([outcome]) => outcome);
  }

  async #runHere(task: Task, options: RunOptions): Promise<Outcome> {
    const network = networkOf(this.#router);
    const tracked = network?.quality.start(network.peerId, task.toolName);
    const outcome = await this.#runOnce(task, options);
    tracked?.end(outcome);
    return outcome;
  }

  /** By the ledger, if the call has a key. */
  async #runOnce(task: Task, options: RunOptions): Promise<Outcome> {
    const { toolName: tool, params } = task;
    const key = task.options.idempotencyKey;
    if (key === undefined) return await this.#local.run(tool, params, options);
    const { owner, ledger = this.#ownLedger, peerId = LOCAL } = networkOf(this.#router) ?? {};
    const argsHash = hashed(params);
    if (typeof argsHash !== "string") return failure("not-run", argsHash);
    const call = { owner: owner ?? peerId, tool, key, argsHash };
    const { limit, onProgress, ...others } = options;
    const wait = { signal: limit?.signal, onProgress };
    return await ledger.run(call, wait, ({ signal, progress }) =>
      this.#local.run(tool, params, { ...others, signal, onProgress: progress }),
    );
  }

  /** Passed on as it is, unless somebody records the tries, whose spans would be missing else (W3C Trace Context, 3.4). */
  #contextOf(context: ExecutionContext): ExecutionContext {
    const { traceparent } = context;
    if (traceparent === undefined) return context;
    const child = childTraceparent(traceparent, this.#options.rng);
    return child === undefined ? context : { ...context, traceparent: child };
  }
}

/** Hands on what is streamed. A sink that fails wants no more of it. */
async function pump(stream: IncomingStream, onChunk: ChunkSink): Promise<void> {
  try {
    for await (const chunk of stream) await onChunk(chunk);
  } catch {
    // The stream is let go of, and the call goes on to its end, which says how it was.
  }
}

function hashed(params: unknown): string | NetworkError {
  try {
    return hashArgs(params);
  } catch (error) {
    return toNetworkError(error);
  }
}
