import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { AsyncQueue, type Clock, type NetworkError } from "@net/core";
import { spawnFailure } from "./spawn-failure.ts";

/** How long a program that was told to end has to do so, in ms. */
const GRACE = 2_000;
/** How long what a program left behind may keep its output open and silent, in ms. */
const LINGER = 500;
/** Chunks of output, of up to 64 KiB, that nobody has taken yet; a program that writes more is made to wait. */
const MAX_WAITING_CHUNKS = 8;

export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

export interface ChildOptions {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

export interface ChildExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/**
 * A running program, the head of a process group of its own: stopping it stops what it started. What it started and left
 * behind ends with it.
 */
export class Child {
  /** What it writes, as it comes; over when it has ended. */
  readonly output: AsyncQueue<OutputChunk>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #clock: Clock;
  readonly #exit = Promise.withResolvers<ChildExit>();
  readonly #timers = new Set<Disposable>();
  #chunks = 0;
  #isStopping = false;
  #isOver = false;

  constructor({ argv: [program, ...args], cwd, env, clock }: ChildOptions) {
    this.#clock = clock;
    this.output = new AsyncQueue<OutputChunk>({
      capacity: MAX_WAITING_CHUNKS,
      onRoom: () => this.#flow("resume"),
    });
    this.#process = spawn(program, args, {
      ...{ cwd, env, shell: false, windowsHide: true },
      ...{ detached: process.platform !== "win32", stdio: ["ignore", "pipe", "pipe"] },
    });
    this.#listen(program, cwd);
  }

  /** How it ended. @throws NetworkError `NOT_FOUND`, PermissionError if it could not be started. */
  get exited(): Promise<ChildExit> {
    return this.#exit.promise;
  }

  /** Asks the group to end, and ends it if it does not. Once it has ended, its number may be somebody else's. */
  stop(): void {
    if (this.#isStopping || this.#isOver) return;
    this.#isStopping = true;
    this.#kill("SIGTERM");
    this.#after(GRACE, () => this.#kill("SIGKILL"));
  }

  #listen(program: string, cwd: string | undefined): void {
    const { stdout, stderr } = this.#process;
    stdout.on("data", (bytes: Uint8Array) => this.#take({ stream: "stdout", bytes }));
    stderr.on("data", (bytes: Uint8Array) => this.#take({ stream: "stderr", bytes }));
    this.#process.once("error", (error) => this.#fail(spawnFailure(error, program, cwd)));
    this.#process.once("exit", () => this.#left());
    this.#process.once("close", (exitCode, signal) => this.#closed({ exitCode, signal }));
    // Whoever reads the output first learns of a failure from it.
    this.#exit.promise.catch(() => {});
  }

  #take(chunk: OutputChunk): void {
    this.#chunks += 1;
    if (!this.output.ended && this.output.push(chunk) !== "more") this.#flow("pause");
  }

  #flow(how: "pause" | "resume"): void {
    this.#process.stdout[how]();
    this.#process.stderr[how]();
  }

  /** The program itself has ended; its output is over when everybody who can write to it has ended too. */
  #left(): void {
    this.#kill("SIGKILL");
    this.#letGoWhenSilent();
  }

  /** A stream that waits for its reader is not silent. */
  #letGoWhenSilent(): void {
    const { stdout, stderr } = this.#process;
    const chunks = this.#chunks;
    this.#after(LINGER, () => {
      if (stdout.isPaused() || this.#chunks > chunks) return this.#letGoWhenSilent();
      stdout.destroy();
      stderr.destroy();
    });
  }

  #closed(exit: ChildExit): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
    this.#exit.resolve(exit);
    this.output.end();
  }

  #fail(error: NetworkError): void {
    this.#isOver = true;
    this.#exit.reject(error);
    this.output.end(error);
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#process.kill(signal);
      else process.kill(-pid, signal);
    } catch (error) {
      // Nobody of the group is left.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  #after(ms: number, callback: () => void): void {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }
}
