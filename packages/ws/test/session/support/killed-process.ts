import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { sleep } from "@net/core";

const program = fileURLToPath(new URL("./end-program.ts", import.meta.url));

/** One end of a session as a process of its own, which gets killed and started again. */
export class KilledProcess implements AsyncDisposable {
  readonly #role: string;
  readonly #folder: string;
  readonly #messages: number;
  #child: ChildProcess;
  #output = "";
  #errors = "";

  constructor(role: "server" | "client", folder: string, messages: number) {
    this.#role = role;
    this.#folder = folder;
    this.#messages = messages;
    this.#child = this.#spawn();
  }

  /** True once all is published and all has come; whoever is, stays that way. */
  get isDone(): boolean {
    return this.#output.includes("done");
  }

  start(): void {
    this.#child = this.#spawn();
  }

  /** Resolves when this process works, which takes seconds where others are busy. @throws if it ended by itself. */
  async works(): Promise<void> {
    while (!this.#output.includes("ready")) {
      if (this.#child.exitCode !== null) throw new Error(`${this.#role} ended: ${this.#errors}`);
      await sleep(5);
    }
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  /** What the killed process had applied, in the order it did. */
  applied(): unknown[] {
    const database = new DatabaseSync(join(this.#folder, `${this.#role}.db`));
    try {
      const rows = database.prepare("SELECT body FROM applied ORDER BY rowid").all();
      return rows.map(({ body }) => JSON.parse(String(body)));
    } finally {
      database.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #spawn(): ChildProcess {
    const isDone = this.isDone;
    this.#output = isDone ? "done" : "";
    const child = spawn(
      process.execPath,
      ["--conditions=@net/source", program, this.#role, this.#folder, String(this.#messages)],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    child.stdout.on("data", (chunk) => {
      this.#output += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      this.#errors += String(chunk);
    });
    return child;
  }
}
