import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface TalkingProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that runs while the test goes on; what it says can be waited for. Ending it ends all that it has started. */
export class TalkingProgram implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** All that it has said, on both streams. */
  output = "";
  #ended = false;
  #heard = Promise.withResolvers<void>();

  constructor(command: readonly string[], { env }: TalkingProgramOptions = {}) {
    const [file = "", ...args] = command;
    this.#process = spawn(file, args, {
      ...{ stdio: ["ignore", "pipe", "pipe"], detached: true },
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (text) => this.#hear(String(text)));
    }
    this.#exited = once(this.#process, "close").finally(() => {
      this.#ended = true;
      this.#hear("");
    });
    this.#exited.catch(() => {}); // It could not be started: whoever waits for what it says learns it.
  }

  /** The first match in what it said, waited for; rejects when it ends, or the signal aborts, without having said it. */
  async says(pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray> {
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve(), { once: true });
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.#ended) throw new Error(`it ended without saying ${pattern}: ${this.output}`);
      if (signal.aborted) throw new Error(`it did not say ${pattern}: ${this.output}`);
      await Promise.race([this.#heard.promise, aborted.promise]);
    }
  }

  /** Ends it, and resolves when it has gone. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
    await this.#exited.catch(() => {}); // It was never started.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #hear(text: string): void {
    this.output += text;
    this.#heard.resolve();
    this.#heard = Promise.withResolvers<void>();
  }
}
