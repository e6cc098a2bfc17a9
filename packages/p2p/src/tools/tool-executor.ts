import {
  abortable,
  abortedError,
  type Clock,
  deadline,
  NetworkError,
  OverloadedError,
  RemoteError,
  systemClock,
  validate,
} from "@net/core";
import { MAX_TOOLS } from "../wire/advert.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import { failure, type Outcome, success } from "./outcome.ts";
import {
  assertDefinition,
  type Caller,
  DEFAULT_TOOL_CONCURRENCY,
  type ToolContext,
  type ToolDefinition,
  type ToolHandler,
} from "./tool.ts";

export interface ToolExecutorOptions {
  readonly clock?: Clock;
  /** Called when a tool was added or taken away. */
  readonly onChange?: () => void;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
  readonly context?: ExecutionContext | undefined;
  /** Default: this process itself. */
  readonly caller?: Caller | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
}

interface Entry {
  readonly definition: ToolDefinition;
  readonly handler: ToolHandler;
  running: number;
}

const thisProcess: Caller = { peerId: "local", hops: 0 };

/**
 * The tools of this process: checks arguments, bounds how many run at once, and ends the wait when the caller gives
 * up.
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
  readonly #tools = new Map<string, Entry>();
  #running = 0;

  constructor({ clock = systemClock, onChange = () => {} }: ToolExecutorOptions = {}) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** All tools, in the order they came. */
  get definitions(): readonly ToolDefinition[] {
    return [...this.#tools.values()].map(({ definition }) => definition);
  }

  /** Calls whose tool has not come to its end, also those that nobody waits for any more. */
  get running(): number {
    return this.#running;
  }

  get(name: string): ToolDefinition | undefined {
    return this.#tools.get(name)?.definition;
  }

  /**
   * Adds a tool. Calling the result takes it away again.
   *
   * @throws ValidationError; NetworkError `CONFLICT` if there is one of that name; OverloadedError beyond 1024 tools.
   */
  register<Args = unknown, Result = unknown>(
    definition: ToolDefinition<Args>,
    handler: ToolHandler<Args, Result>,
  ): () => void {
    assertDefinition(definition);
    const { name } = definition;
    if (this.#tools.has(name)) {
      throw new NetworkError("CONFLICT", `there is a tool called ${name} already`);
    }
    if (this.#tools.size >= MAX_TOOLS) {
      throw new OverloadedError(`there are ${MAX_TOOLS} tools, the most a peer can advertise`);
    }
    // The schema gives the handler what it wants; without one it takes what comes.
    const entry: Entry = { definition, handler: handler as ToolHandler, running: 0 };
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
    const { concurrency = DEFAULT_TOOL_CONCURRENCY } = entry.definition;
    if (entry.running >= concurrency) {
      return failure("not-run", new OverloadedError(`${concurrency} calls of ${name} are running`));
    }
    using limit = deadline(options.deadlineMs, options.signal, { clock: this.#clock });
    const call = new Call(params);
    try {
      return success(
        await abortable(this.#start(entry, call, limit.signal, options), limit.signal),
      );
    } catch (error) {
      if (limit.signal.aborted) return failure("given-up", abortedError(limit.signal));
      return failure(call.started ? "failed" : "not-run", toolFailure(name, error));
    }
  }

  #remove(name: string, entry: Entry): void {
    if (this.#tools.get(name) !== entry) return;
    this.#tools.delete(name);
    this.#onChange();
  }

  /** The tool counts as running until it has ended, whoever still waits for it. */
  async #start(
    entry: Entry,
    call: Call,
    signal: AbortSignal,
    { context = {}, caller = thisProcess, onProgress = () => {} }: RunOptions,
  ): Promise<unknown> {
    const toolContext: ToolContext = { signal, caller, context, progress: onProgress };
    entry.running += 1;
    this.#running += 1;
    try {
      return await call.run(entry, toolContext);
    } finally {
      entry.running -= 1;
      this.#running -= 1;
    }
  }
}

/** One call, which knows whether the tool was started. */
class Call {
  readonly #params: unknown;
  started = false;

  constructor(params: unknown) {
    this.#params = params;
  }

  async run({ definition, handler }: Entry, context: ToolContext): Promise<unknown> {
    const { name, inputSchema } = definition;
    const args = inputSchema
      ? await validate(inputSchema, this.#params, `the arguments of ${name}`)
      : this.#params;
    if (context.signal.aborted) throw abortedError(context.signal);
    this.started = true;
    return await handler(args, context);
  }
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
