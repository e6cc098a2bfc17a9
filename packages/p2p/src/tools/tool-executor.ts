import {
  AbortScope,
  type Clock,
  NetworkError,
  OverloadedError,
  systemClock,
  toNetworkError,
} from "@net/core";
import { invalid, MAX_TOOLS } from "../names.ts";
import { fittingManifests, type ToolManifest } from "./manifest.ts";
import { type Failure, failure, type Outcome, success } from "./outcome.ts";
import { prepareTool, type RegisteredTool } from "./registered-tool.ts";
import { type BoundedRunOptions, contextOf, ignore, type RunOptions } from "./run-options.ts";
import type { ToolDefinition, ToolHandler } from "./tool.ts";
import { toolFailure, toolNotFound } from "./tool-failure.ts";
import { ToolRun } from "./tool-run.ts";
import type { Slot } from "./tool-slots.ts";

export type { RunOptions } from "./run-options.ts";

/** How many calls run or wait, over all tools, unless the options say otherwise. */
const DEFAULT_MAX_CALLS = 4_096;

export interface ToolExecutorOptions {
  readonly clock?: Clock;
  /** Called when a tool was added or taken away. */
  readonly onChange?: () => void;
  /** The most calls that run or wait, over all tools; one more is `OVERLOADED`. Default 4096. */
  readonly maxCalls?: number;
}

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
  readonly #tools = new Map<string, RegisteredTool>();
  #names: readonly string[] | undefined;
  #running = 0;
  #waiting = 0;

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

  /** Their names: the same list as long as no tool comes or goes. */
  get names(): readonly string[] {
    this.#names ??= [...this.#tools.keys()];
    return this.#names;
  }

  /** Calls whose tool has not come to its end, also those that nobody waits for any more. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  get(name: string): ToolDefinition | undefined {
    return this.#tools.get(name)?.definition;
  }

  /** What others are told of the tools, in the order of their names: as much as fits a message, see `fittingManifests`. */
  describeTools(): readonly ToolManifest[] {
    const manifests = [...this.#tools.values()].map(({ manifest }) => manifest);
    return fittingManifests(manifests.sort((a, b) => (a.name < b.name ? -1 : 1)));
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
    const entry = prepareTool(definition, handler as ToolHandler, this.#clock);
    const { name } = definition;
    if (this.#tools.has(name)) {
      throw new NetworkError("CONFLICT", `there is a tool called ${name} already`);
    }
    if (this.#tools.size >= MAX_TOOLS) {
      throw new OverloadedError(`there are ${MAX_TOOLS} tools, the most a peer can advertise`);
    }
    this.#tools.set(name, entry);
    this.#names = undefined;
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

  /** As {@link ToolExecutor.execute}, but says how it ended instead of throwing. @throws ValidationError for the options. */
  async run(name: string, params: unknown, options: RunOptions = {}): Promise<Outcome> {
    const { deadlineMs, signal } = options;
    if (options.limit) return await this.start(name, params, { ...options, limit: options.limit });
    using limit = new AbortScope({ deadlineMs, within: signal, clock: this.#clock });
    return await this.start(name, params, { ...options, limit });
  }

  /** As {@link ToolExecutor.run}, without a promise for a tool that needs none. */
  start(name: string, params: unknown, options: BoundedRunOptions): Outcome | Promise<Outcome> {
    const tool = this.#tools.get(name);
    if (!tool) return failure("not-run", toolNotFound(name));
    if (this.#running + this.#waiting >= this.#maxCalls) return failure("not-run", this.#full());
    const slot = tool.slots.tryTake();
    if (slot) return this.#occupy(tool, slot, params, options);
    return this.#inTurn(tool, params, options);
  }

  /** When its turn comes, if it does. */
  async #inTurn(
    tool: RegisteredTool,
    params: unknown,
    options: BoundedRunOptions,
  ): Promise<Outcome> {
    const slot = await this.#wait(tool, options.limit);
    return "error" in slot ? slot : await this.#occupy(tool, slot, params, options);
  }

  /** The place of a call whose turn it is, or why it got none. */
  async #wait({ slots }: RegisteredTool, limit: AbortScope): Promise<Slot | Failure> {
    this.#waiting += 1;
    try {
      return await slots.wait(limit);
    } catch (error) {
      return failure("not-run", toNetworkError(error));
    } finally {
      this.#waiting -= 1;
    }
  }

  #remove(name: string, entry: RegisteredTool): void {
    if (this.#tools.get(name) !== entry) return;
    this.#tools.delete(name);
    this.#names = undefined;
    this.#onChange();
  }

  #full(): OverloadedError {
    return new OverloadedError(
      `${this.#maxCalls} calls of tools run or wait, the most there may be`,
    );
  }

  /** The tool counts as running until it has ended, whoever still waits for it. */
  #occupy(
    tool: RegisteredTool,
    slot: Slot,
    params: unknown,
    options: BoundedRunOptions,
  ): Outcome | Promise<Outcome> {
    const { limit, onChunk = ignore } = options;
    const call = new ToolRun(tool, params, onChunk, limit);
    this.#running += 1;
    let value: unknown;
    try {
      value = call.run(contextOf(options));
    } catch (error) {
      this.#leave(slot);
      return failed(call, tool, error, limit);
    }
    if (value instanceof Promise) return this.#settled(value, call, tool, slot, limit);
    this.#leave(slot);
    return limit.error ? failure("given-up", limit.error) : success(value);
  }

  /** How it ends, or that its caller gave up before. */
  #settled(
    running: Promise<unknown>,
    call: ToolRun,
    tool: RegisteredTool,
    slot: Slot,
    limit: AbortScope,
  ): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const gaveUp = limit.onOver((error) => resolve(failure("given-up", error)));
    const end = (outcome: Outcome): void => {
      this.#leave(slot);
      gaveUp[Symbol.dispose]();
      resolve(outcome);
    };
    running.then(
      (value) => end(success(value)),
      (error: unknown) => end(failed(call, tool, error, limit)),
    );
    return promise;
  }

  #leave(slot: Slot): void {
    this.#running -= 1;
    slot.free();
  }
}

function failed(
  call: ToolRun,
  { name }: RegisteredTool,
  error: unknown,
  limit: AbortScope,
): Failure {
  if (limit.error) return failure("given-up", limit.error);
  return failure(call.started ? "failed" : "not-run", toolFailure(name, error));
}
