import {
  abortedError,
  assertPositive,
  type Clock,
  NetworkTimeoutError,
  onAbort,
  systemClock,
} from "@net/core";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { ToolContext, ToolDefinition } from "../tool.ts";
import { type AllowedCommand, AllowList } from "./allow-list.ts";
import { Child, type ChildOptions } from "./child.ts";
import { argvOf, commandSchema, type ShellCommand } from "./command.ts";
import { Output } from "./output.ts";

const DEFAULT_TIMEOUT = 60_000;
const DEFAULT_MAX_OUTPUT_BYTES = 262_144;
const DEFAULT_CONCURRENCY = 4;
/** All that a program learns of this one: nothing secret is in it. */
const minimalEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8" };

export interface ShellToolOptions {
  /**
   * What may be run: programs, as they are called, each with the arguments it must begin with. `"ls"` is `ls` with any
   * arguments, `"git status"` is `git` if its first argument is `status`. Whoever may run an interpreter (`sh`, `env`,
   * `find`, `node`) may run anything.
   */
  readonly allow: readonly AllowedCommand[];
  /** Default `shell`. */
  readonly name?: string;
  /** What a caller must have been granted. Default `shell`; `null`: nothing. */
  readonly permission?: string | null;
  /** Where programs run. Default: where this process does. */
  readonly cwd?: string;
  /** Added to, or instead of, the two variables they get: a `PATH` of the system's directories, and `LANG`. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long one may take, in ms. Default 60 000. */
  readonly timeout?: number;
  /** How much of its output, and as much of its errors, the result holds. Default 256 KiB. The stream has all of it. */
  readonly maxOutputBytes?: number;
  /** What runs the programs, such as `["bwrap", "--unshare-all", "--ro-bind", "/", "/"]`. Default: nothing. */
  readonly sandbox?: readonly string[];
  /** How many run at the same time. Default 4. */
  readonly concurrency?: number;
  readonly clock?: Clock;
}

/** What a program did. */
export interface ShellResult {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether there was more output than `maxOutputBytes`. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** What the tool streams: a piece of output. The order within a stream is kept, that between the two is not. */
export interface ShellChunk {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export type ShellHandler = (
  command: ShellCommand,
  context: Pick<ToolContext, "signal">,
) => AsyncGenerator<ShellChunk, ShellResult, undefined>;

/**
 * A tool that runs programs, those that are allowed and no others. It is never registered unless you do so. No shell is
 * involved: `command` is split into words, and what only a shell could carry out is refused. A call that is given up, or
 * takes too long, ends the program and all that it started (SIGTERM, 2 s later SIGKILL).
 *
 * The tool fails with ValidationError, PermissionError, NetworkError `NOT_FOUND`, NetworkTimeoutError. A program that
 * ends with another code than 0 is no failure of the tool.
 *
 * @throws ValidationError if the options allow nothing, or are wrong.
 * @example
 * ```ts
 * network.registerTool(...shellTool({ allow: ["ls", "git status"] }));
 * await other.executeRemoteTool("workstation-2", "shell", { command: "ls -la /home" });
 * ```
 */
export function shellTool(
  options: ShellToolOptions,
): readonly [ToolDefinition<ShellCommand>, ShellHandler] {
  const runner = new ShellRunner(options);
  return [
    definitionOf(options, runner.allowed),
    (command, context) => runner.run(command, context),
  ];
}

class ShellRunner {
  readonly allowed: AllowList;
  readonly #timeout: number;
  readonly #maxOutputBytes: number;
  readonly #sandbox: readonly string[];
  readonly #surroundings: Omit<ChildOptions, "argv">;

  constructor(options: ShellToolOptions) {
    const { allow, cwd, env = {}, timeout, maxOutputBytes, sandbox = [] } = options;
    const { clock = systemClock } = options;
    this.allowed = new AllowList(allow);
    this.#timeout = assertPositive(timeout ?? DEFAULT_TIMEOUT, "timeout");
    this.#maxOutputBytes = assertPositive(
      maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
      "maxOutputBytes",
    );
    this.#sandbox = [...sandbox];
    this.#surroundings = { cwd, env: { ...minimalEnvironment, ...env }, clock };
  }

  async *run(
    command: ShellCommand,
    { signal }: Pick<ToolContext, "signal">,
  ): AsyncGenerator<ShellChunk, ShellResult, undefined> {
    const argv = argvOf(command);
    this.allowed.assertAllowed(argv);
    const [program, ...args] = [...this.#sandbox, ...argv] as [string, ...string[]];
    const child = new Child({ ...this.#surroundings, argv: [program, ...args] });
    using _abort = onAbort(signal, () => child.stop());
    try {
      const result = yield* this.#watch(child, argv[0]);
      if (signal.aborted) throw abortedError(signal);
      return result;
    } finally {
      child.stop();
    }
  }

  async *#watch(child: Child, program: string): AsyncGenerator<ShellChunk, ShellResult, undefined> {
    const { clock } = this.#surroundings;
    const output = new Output(this.#maxOutputBytes);
    const startMs = clock.monotonicMs();
    const state = { isLate: false };
    using _timer = clock.setTimeout(() => {
      state.isLate = true;
      child.stop();
    }, this.#timeout);
    for await (const chunk of child.output) {
      const text = output.add(chunk);
      if (text !== "") yield { stream: chunk.stream, text };
    }
    const exit = await child.exited;
    if (state.isLate) throw tookTooLong(program, this.#timeout);
    return { ...exit, ...output.read(), durationMs: Math.round(clock.monotonicMs() - startMs) };
  }
}

function definitionOf(
  { name = "shell", permission = "shell", concurrency = DEFAULT_CONCURRENCY }: ShellToolOptions,
  allowed: AllowList,
): ToolDefinition<ShellCommand> {
  return {
    ...{ name, title: "Run a program", concurrency },
    description: `Runs a program without a shell and gives its output. Allowed: ${allowed}`,
    ...{ inputSchema: commandSchema, outputSchema: resultSchema },
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    ...(permission !== null && { permission }),
  };
}

const resultSchema: JsonSchema = {
  type: "object",
  properties: {
    exitCode: { type: ["integer", "null"] },
    signal: { type: ["string", "null"] },
    stdout: { type: "string" },
    stderr: { type: "string" },
    truncated: { type: "boolean" },
    durationMs: { type: "number" },
  },
  required: ["exitCode", "signal", "stdout", "stderr", "truncated", "durationMs"],
};

function tookTooLong(program: string, timeoutMs: number): NetworkTimeoutError {
  const message = `${program} was ended: it took longer than ${timeoutMs} ms`;
  return new NetworkTimeoutError(message, { kind: "call", timeoutMs, retryable: false });
}
