import { abortedError, RemoteError, ValidationError, validate } from "@net/core";
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
  started = false;

  constructor(tool: Runnable, params: unknown, onChunk: ChunkSink) {
    this.#tool = tool;
    this.#params = params;
    this.#onChunk = onChunk;
  }

  /** Checks, runs, streams, and checks again. @throws ValidationError for the arguments; what the tool throws. */
  async run(context: ToolContext): Promise<unknown> {
    const { name, handler, input, output } = this.#tool;
    const args = input
      ? await validate(input.schema, this.#params, `the arguments of ${name}`)
      : this.#params;
    if (context.signal.aborted) throw abortedError(context.signal);
    this.started = true;
    const returned = await handler(args, context);
    const value = isStream(returned)
      ? await drain(returned, this.#onChunk, context.signal)
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
