import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("serve.ts", import.meta.url));

/** A net server in another process, which can die like one. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** Resolves when it listens. */
  static async start(database: string, port = 0): Promise<ServerProcess> {
    const child = spawn(
      process.execPath,
      ["--conditions=@net/source", script, database, String(port)],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    const exited = once(child, "exit").then(([code]) => {
      throw new Error(`the server ended with code ${code} before it listened`);
    });
    const [url] = await Promise.race([once(createInterface(child.stdout), "line"), exited]);
    exited.catch(() => {});
    return new ServerProcess(child, url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** SIGKILL: it gets to say and write nothing more. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
