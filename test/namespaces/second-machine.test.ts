import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { requireNamespaces, TwoMachines } from "../support/namespaces.ts";

const demo = fileURLToPath(new URL("../../apps/demo/bin/demo.js", import.meta.url));
const possible = requireNamespaces();

/** The demo on one of the machines. */
class Program implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  output = "";
  #ended = false;

  constructor(machine: readonly string[], ...args: string[]) {
    const [command = "", ...rest] = [
      ...machine,
      process.execPath,
      "--conditions=@net/source",
      demo,
    ];
    this.#process = spawn(command, [...rest, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (text) => {
        this.output += text;
      });
    }
    this.#exited = once(this.#process, "close").then(() => {
      this.#ended = true;
    });
  }

  /** The first match in what it said, waited for; rejects when it ends without having said it. */
  async says(pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.#ended) throw new Error(`it ended: ${this.output}`);
      await Promise.race([
        once(this.#process.stdout as NodeJS.ReadableStream, "data", { signal }),
        this.#exited,
      ]);
    }
  }

  async exit(): Promise<number | null> {
    await this.#exited;
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#exited;
  }
}

test.runIf(possible)(
  "a second machine joins with the printed command, once, and calls tools two hops away",
  { timeout: 120_000 },
  async ({ signal }) => {
    await using machines = await TwoMachines.create();
    const listen = `${machines.addresses[0]}:0`;
    await using first = new Program(machines.on(0), "--listen", listen);
    const [, command = ""] = await first.says(/pnpm@12 demo (node --name .*)\n/, signal);
    await first.says(/The network stays up/, signal);

    await using second = new Program(machines.on(1), ...command.split(" "));
    await second.says(/Ctrl-C leaves the network/, signal);
    expect(second.output).toContain(`visitor has joined the network at ${machines.addresses[0]}:`);
    expect(second.output).toContain("laptop, 1 hop away, counted: hello 2, net 1");
    expect(second.output).toContain("desktop, 2 hops away, counted: hello 2, net 1");
    expect(second.output).toContain("gpu-box, 2 hops away, counted: hello 2, net 1");

    await using thief = new Program(machines.on(1), ...command.split(" "));
    expect(await thief.exit()).toBe(1);
    expect(thief.output).toMatch(/did not take the link/);
  },
);
