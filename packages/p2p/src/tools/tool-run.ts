import {
  type AbortScope,
  RemoteError,
  ValidationError,
  validate,
  validateEagerly,
} from "@net/core";
import type { CompiledSchema } from "./schema/tool-schema.ts";
import type { ToolContext, ToolHandler } from "./tool.ts";
import { type ChunkSink, drain, isStream } from "./tool-stream.ts";

/** What it takes to run a tool. */
export interface Runnable {
  readonly name: string;
  readonly handler: ToolHandler;
  readonly input: CompiledSchema | undefined;
  readonly output: CompiledSchema | undefined;
}

/** One call of a tool, which knows whether the tool was started. */
export class ToolRun {
  readonly #tool: Runnable;
  readonly #params: unknown;
  readonly #onChunk: ChunkSink;
  readonly #limit: AbortScope;
  started = false;

  constructor(tool: Runnable, params: unknown, onChunk: ChunkSink, limit: AbortScope) {
    this.#tool = tool;
    this.#params = params;
    this.#onChunk = onChunk;
    this.#limit = limit;
  }

  /**
   * Checks, runs, streams, and checks again: without a promise where neither the schemas nor the tool need one.
   *
   * @throws, or rejects with, ValidationError for the arguments; what the tool throws.
   */
  run(context: ToolContext): unknown {
    const { name, input } = this.#tool;
    if (!input) return this.#call(this.#params, context);
    const args = validateEagerly(input.schema, this.#params, `the arguments of ${name}`);
    if (!(args instanceof Promise)) return this.#call(args, context);
    return args.then((checked) => this.#call(checked, context));
  }

  #call(args: unknown, context: ToolContext): unknown {
    if (this.#limit.error) throw this.#limit.error;
    this.started = true;
    const returned = this.#tool.handler(args, context);
    if (isPromiseLike(returned)) return this.#later(returned);
    if (isStream(returned) || this.#tool.output) return this.#end(returned);
    return returned;
  }

  async #later(returned: PromiseLike<unknown>): Promise<unknown> {
    const value = await returned;
    return isStream(value) || this.#tool.output ? await this.#end(value) : value;
  }

  async #end(returned: unknown): Promise<unknown> {
    const { output } = this.#tool;
    const value = isStream(returned)
      ? await drain(returned, this.#onChunk, this.#limit.signal)
      : returned;
    return output ? await this.#checked(output, value) : value;
  }

  /** What does not fit is the tool's fault, so it must not look like wrong arguments. */
  async #checked({ schema }: CompiledSchema, value: unknown): Promise<unknown> {
    try {
      return await validate(schema, value, `the result of ${this.#tool.name}`);
    } catch (cause) {
      if (!ValidationError.is(cause)) throw cause;
      throw new RemoteError(`it does not fit the outputSchema: ${cause.message}`, {
        ...{ cause, remoteName: "OutputError" },
      });
    }
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined | null)?.then === "function";
}
