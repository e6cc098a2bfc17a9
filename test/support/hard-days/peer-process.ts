import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { abortable } from "@net/core";
import type { Commands, News, Said } from "./commands.ts";

const program = fileURLToPath(new URL("peer-program.ts", import.meta.url));

interface Waiting {
  readonly command: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A peer in a process of its own, on a machine of its own. */
export class PeerProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #signal: AbortSignal;
  readonly #onNews: (news: News, pid: number) => void;
  #lastNumber = 0;
  /** What it wrote: nothing, if all is well. */
  output = "";

  /**
   * @param machine what runs a program there.
   * @param signal ends all waiting for answers.
   */
  constructor(
    machine: readonly string[],
    onNews: (news: News, pid: number) => void,
    signal: AbortSignal,
  ) {
    const [file = "", ...args] = [
      ...machine,
      process.execPath,
      "--conditions=@net/source",
      program,
    ];
    this.#onNews = onNews;
    this.#signal = signal;
    this.#process = spawn(file, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    this.#process.on("message", (said) => this.#hear(said as Said));
    const { stdout, stderr } = this.#process;
    const streams = [stdout, stderr].filter((stream) => stream !== null);
    for (const stream of streams) {
      stream.on("data", (text) => {
        this.output += text;
      });
    }
    // Node never says `close` of a process whose channel was disconnected here.
    this.#exited = Promise.all([
      once(this.#process, "exit"),
      ...streams.map((stream) => once(stream, "close")),
    ]).finally(() => this.#over("is gone"));
    this.#exited.catch(() => {}); // It could not be started: whoever asks it learns it.
    signal.addEventListener("abort", () => this.#over("has not answered"), { once: true });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Tells it to do something, and waits for the answer. @throws Error if it failed there, or the process is gone. */
  async ask<Name extends keyof Commands>(
    command: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<Awaited<ReturnType<Commands[Name]>>> {
    const number = ++this.#lastNumber;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(number, { command, resolve, reject });
    if (this.#signal.aborted) this.#over("was not asked: the time is over");
    else if (this.#process.connected) this.#process.send({ number, command, args });
    else this.#over("is gone");
    return (await promise) as Awaited<ReturnType<Commands[Name]>>;
  }

  /** It does nothing any more, and nobody is told. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** It gets to say nothing more. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) this.#process.kill("SIGKILL");
    await this.#exited.catch(() => {}); // It was never started.
  }

  /** Lets go of it, and waits until it has ended by itself. @returns its exit code; null if it has not in time. */
  async leave(): Promise<number | null> {
    this.#process.disconnect();
    await abortable(this.#exited, this.#signal).catch(() => {});
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #hear(said: Said): void {
    if ("news" in said) {
      this.#onNews(said.news, this.pid);
      return;
    }
    const waiting = this.#waiting.get(said.number);
    this.#waiting.delete(said.number);
    if ("error" in said) waiting?.reject(new Error(said.error));
    else waiting?.resolve(said.result);
  }

  #over(why: string): void {
    for (const { command, reject } of this.#waiting.values())
      reject(new Error(`the peer told to ${command} ${why}. It wrote: ${this.output}`));
    this.#waiting.clear();
  }
}
