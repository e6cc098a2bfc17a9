import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../../bin/demo.js", import.meta.url));

/** The demo as a user starts it, in a process group of its own as a terminal would make it. */
export class DemoProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #mark = randomUUID();
  readonly #exited: Promise<unknown>;
  #ended = false;
  stdout = "";
  stderr = "";

  constructor(...args: string[]) {
    this.#process = spawn(process.execPath, ["--conditions=@net/source", entry, ...args], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NET_DEMO_TEST_MARK: this.#mark, NO_COLOR: "1" },
    });
    this.#process.stdout?.on("data", (text) => {
      this.stdout += text;
    });
    this.#process.stderr?.on("data", (text) => {
      this.stderr += text;
    });
    this.#exited = once(this.#process, "close").then(() => {
      this.#ended = true;
    });
  }

  /** Resolves with the exit code, or the name of the signal. */
  async exit(): Promise<number | string | null> {
    await this.#exited;
    return this.#process.exitCode ?? this.#process.signalCode;
  }

  /** Resolves when standard output holds this text; rejects when it ends without it. */
  async says(text: string, signal: AbortSignal): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.#ended) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
      const data = once(this.#process.stdout as NodeJS.ReadableStream, "data", { signal });
      await Promise.race([data, this.#exited]);
    }
  }

  /** Ctrl-C goes to every process of the terminal's group. */
  interrupt(): void {
    process.kill(-(this.#process.pid as number), "SIGINT");
  }

  killCoordinator(): void {
    this.#process.kill("SIGKILL");
  }

  /** The processes that this demo started and that still run. Needs Linux's /proc. */
  async processes(): Promise<number[]> {
    const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
    const marked = await Promise.all(pids.map((pid) => this.#isOurs(pid)));
    return pids.filter((_pid, i) => marked[i]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of await this.processes()) process.kill(pid, "SIGKILL");
    await this.#exited;
  }

  async #isOurs(pid: number): Promise<boolean> {
    // A process may end while we look, or belong to somebody else: then it is none of ours.
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    return environment.includes(this.#mark);
  }
}
