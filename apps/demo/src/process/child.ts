import { type ChildProcess, fork } from "node:child_process";
import { abortable, deserializeError, NetworkError } from "@net/core";
import type { Methods, Notice, Request, Response } from "./protocol.ts";

/** So much of what a process wrote to its standard error is kept, to be shown if it dies. */
const STDERR_TAIL_CHARACTERS = 4_000;

export interface ChildOptions {
  /** For messages. */
  readonly name: string;
  /** The module it runs. */
  readonly entry: URL;
  /** Node's own arguments, besides those of this process. */
  readonly nodeArguments?: readonly string[];
}

/** A process of the demo, and the calls to it. It ends when this process ends, however that happens. */
export class Child<M extends Methods<M>> implements AsyncDisposable {
  readonly name: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #listeners = new Set<(name: string, data: unknown) => void>();
  #stderr = "";
  #lastId = 0;
  #ended = false;

  constructor({ name, entry, nodeArguments = [] }: ChildOptions) {
    this.name = name;
    this.#process = fork(entry, [], {
      execArgv: ["--conditions=@net/source", ...nodeArguments],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    const end = (why: string): void => {
      this.#end(why);
      resolve();
    };
    this.#process.on("message", (message) => this.#heard(message as Response | Notice));
    this.#process.on("error", (error) => end(error.message));
    // Not `close`: after `disconnect` it never comes. What it wrote last is read before its end is told.
    this.#process.on("exit", (code, signal) => setImmediate(end, signal ?? `code ${code}`));
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARACTERS);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Calls a method there. @throws AbortedError; ClosedError if the process ends; what the method threw. */
  async call<Name extends keyof M & string>(
    method: Name,
    params: Parameters<M[Name]>[0],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Awaited<ReturnType<M[Name]>>> {
    if (this.#ended) throw this.#gone("it has ended");
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#pending.set(id, answer);
    const request: Request = { kind: "request", id, method, params };
    this.#process.send(request, (error) => error && answer.reject(this.#gone(error.message)));
    try {
      return (await abortable(answer.promise, options.signal)) as Awaited<ReturnType<M[Name]>>;
    } finally {
      this.#pending.delete(id);
    }
  }

  /** Hears what the process tells; the result stops it. */
  onNotice(listener: (name: string, data: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** SIGKILL: the process gets no chance to say anything. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  /** Lets the process end by itself, or kills it after a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 1_000);
    await this.exited;
    clearTimeout(timer);
  }

  #heard(message: Response | Notice): void {
    if (message.kind === "notice") {
      for (const listener of this.#listeners) listener(message.name, message.data);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (message.error) pending?.reject(deserializeError(message.error));
    else pending?.resolve(message.value);
  }

  #end(why: string): void {
    this.#ended = true;
    for (const pending of this.#pending.values()) pending.reject(this.#gone(why));
  }

  #gone(why: string): NetworkError {
    const said = this.#stderr.trim();
    return new NetworkError(
      "CLOSED",
      `the process ${this.name} is gone (${why})${said && `:\n${said}`}`,
    );
  }
}
