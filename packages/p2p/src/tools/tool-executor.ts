import {
  abortable,
  abortedError,
  type Clock,
  deadline,
  NetworkError,
  OverloadedError,
  RemoteError,
  systemClock,
  toNetworkError,
} from "@net/core";
import { invalid } from "../names.ts";
import { MAX_TOOLS } from "../wire/advert.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import { manifestOf, type ToolManifest } from "./manifest.ts";
import { failure, type Outcome, success } from "./outcome.ts";
import { compileSchema } from "./schema/tool-schema.ts";
import {
  assertDefinition,
  type Caller,
  DEFAULT_TOOL_CONCURRENCY,
  type ToolContext,
  type ToolDefinition,
  type ToolHandler,
} from "./tool.ts";
import { type Runnable, ToolRun } from "./tool-run.ts";
import { type Slot, ToolSlots } from "./tool-slots.ts";
import type { ChunkSink } from "./tool-stream.ts";

/** How many calls run or wait, over all tools, unless the options say otherwise. */
const DEFAULT_MAX_CALLS = 4_096;

export interface ToolExecutorOptions {
  readonly clock?: Clock;
  /** Called when a tool was added or taken away. */
  readonly onChange?: () => void;
  /** The most calls that run or wait, over all tools; one more is `OVERLOADED`. Default 4096. */
  readonly maxCalls?: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. The time in the queue counts. */
  readonly deadlineMs?: number | undefined;
  readonly context?: ExecutionContext | undefined;
  /** Default: this process itself. */
  readonly caller?: Caller | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Takes what a streaming tool yields; it is asked for more when this has resolved. Default: it is dropped. */
  readonly onChunk?: ChunkSink | undefined;
}

interface Entry extends Runnable {
  readonly definition: ToolDefinition;
  readonly manifest: ToolManifest;
  readonly slots: ToolSlots;
}

const thisProcess: Caller = { peerId: "local", hops: 0 };

/**
 * The tools of this process: checks arguments and results, bounds how many calls run and wait, and ends the wait when the
 * caller gives up.
 *
 * @example
 * ```ts
 * const tools = new ToolExecutor();
 * tools.register({ name: "add", inputSchema }, ({ a, b }) => a + b);
 * await tools.execute("add", { a: 1, b: 2 }); // 3
 * ```
 */
export class ToolExecutor {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #maxCalls: number;
  readonly #tools = new Map<string, Entry>();
  #running = 0;
  #calls = 0;

  /** @throws ValidationError */
  constructor({
    clock = systemClock,
    onChange = () => {},
    maxCalls = DEFAULT_MAX_CALLS,
  }: ToolExecutorOptions = {}) {
    if (!(maxCalls >= 1)) throw invalid("maxCalls", "1 or more");
    this.#clock = clock;
    this.#onChange = onChange;
    this.#maxCalls = maxCalls;
  }

  /** All tools, in the order they came. */
  get definitions(): readonly ToolDefinition[] {
    return [...this.#tools.values()].map(({ definition }) => definition);
  }

  /** Calls whose tool has not come to its end, also those that nobody waits for any more. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return [...this.#tools.values()].reduce((sum, { slots }) => sum + slots.waiting, 0);
  }

  get(name: string): ToolDefinition | undefined {
    return this.#tools.get(name)?.definition;
  }

  /** What others are told of the tools, in the order of their names. */
  describeTools(): readonly ToolManifest[] {
    const manifests = [...this.#tools.values()].map(({ manifest }) => manifest);
    return manifests.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Adds a tool. Calling the result takes it away again; calls that wait or run are not disturbed.
   *
   * @throws ValidationError; NetworkError `CONFLICT` if there is one of that name; OverloadedError beyond 1024 tools.
   */
  register<Args = unknown, Result = unknown>(
    definition: ToolDefinition<Args>,
    handler: ToolHandler<Args, Result>,
  ): () => void {
    // The schema gives the handler what it wants; without one it takes what comes.
    const entry = this.#entry(definition, handler as ToolHandler);
    const { name } = definition;
    if (this.#tools.has(name)) {
      throw new NetworkError("CONFLICT", `there is a tool called ${name} already`);
    }
    if (this.#tools.size >= MAX_TOOLS) {
      throw new OverloadedError(`there are ${MAX_TOOLS} tools, the most a peer can advertise`);
    }
    this.#tools.set(name, entry);
    this.#onChange();
    return () => this.#remove(name, entry);
  }

  /**
   * Runs a tool and gives its value.
   *
   * @throws NetworkError `TOOL_NOT_FOUND`; ValidationError for the arguments; OverloadedError; RemoteError or whatever
   *   of the family the tool itself threw; AbortedError, NetworkTimeoutError `DEADLINE_EXCEEDED`.
   */
  async execute(name: string, params: unknown, options: RunOptions = {}): Promise<unknown> {
    const outcome = await this.run(name, params, options);
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }

  /** As {@link ToolExecutor.execute}, but says how it ended instead of throwing. */
  async run(name: string, params: unknown, options: RunOptions = {}): Promise<Outcome> {
    const entry = this.#tools.get(name);
    if (!entry) return failure("not-run", toolNotFound(name));
    if (this.#calls >= this.#maxCalls) return failure("not-run", this.#full());
    this.#calls += 1;
    using limit = deadline(options.deadlineMs, options.signal, { clock: this.#clock });
    let slot: Slot;
    try {
      slot = entry.slots.tryTake() ?? (await entry.slots.wait(limit));
    } catch (error) {
      this.#calls -= 1;
      return failure("not-run", toNetworkError(error));
    }
    const call = new ToolRun(entry, params, options.onChunk ?? (() => {}));
    try {
      const running = this.#occupy(slot, call, contextOf(options, limit.signal));
      return success(await abortable(running, limit.signal));
    } catch (error) {
      if (limit.signal.aborted) return failure("given-up", abortedError(limit.signal));
      return failure(call.started ? "failed" : "not-run", toolFailure(name, error));
    }
  }

  #entry(definition: ToolDefinition, handler: ToolHandler): Entry {
    assertDefinition(definition);
    const { name, inputSchema, outputSchema, queue } = definition;
    const { concurrency = DEFAULT_TOOL_CONCURRENCY } = definition;
    const input = inputSchema && compileSchema(inputSchema, "input", `inputSchema of ${name}`);
    const output = outputSchema && compileSchema(outputSchema, "output", `outputSchema of ${name}`);
    return {
      ...{ name, definition, handler, input, output },
      manifest: manifestOf(definition, { input: input?.json, output: output?.json }),
      slots: new ToolSlots({ name, concurrency, queue, clock: this.#clock }),
    };
  }

  #remove(name: string, entry: Entry): void {
    if (this.#tools.get(name) !== entry) return;
    this.#tools.delete(name);
    this.#onChange();
  }

  #full(): OverloadedError {
    return new OverloadedError(
      `${this.#maxCalls} calls of tools run or wait, the most there may be`,
    );
  }

  /** The tool counts as running until it has ended, whoever still waits for it. */
  async #occupy(slot: Slot, call: ToolRun, context: ToolContext): Promise<unknown> {
    this.#running += 1;
    try {
      return await call.run(context);
    } finally {
      this.#running -= 1;
      this.#calls -= 1;
      slot.free();
    }
  }
}

function contextOf(
  { context = {}, caller = thisProcess, onProgress = () => {} }: RunOptions,
  signal: AbortSignal,
): ToolContext {
  return { signal, caller, context, progress: onProgress };
}

function toolNotFound(name: string): NetworkError {
  return new NetworkError("TOOL_NOT_FOUND", `there is no tool called ${name} here`);
}

/** What a tool threw, as one of the family. */
function toolFailure(name: string, error: unknown): NetworkError {
  if (NetworkError.is(error)) return error;
  const remoteName = error instanceof Error ? error.name : typeof error;
  const message = error instanceof Error ? error.message : "it threw what is no error";
  return new RemoteError(`${name} failed: ${message}`, { cause: error, remoteName });
}
