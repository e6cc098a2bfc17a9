import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { test } from "vitest";
import { requireProgram } from "./programs.ts";

const run = promisify(execFile);

/** Whether this process may make network namespaces: with `ip`, and as root. What is missing is said as for programs. */
export function requireNamespaces(): boolean {
  if (!requireProgram("ip")) return false;
  if (process.getuid?.() === 0) return true;
  const missing = "only root makes network namespaces; the tests that need them are skipped";
  if (process.env.NET_REQUIRE_ALL === "1") throw new Error(missing);
  test("needs network namespaces", ({ skip }) => skip(missing));
  return false;
}

/** Two machines on one cable: network namespaces of this test's own, joined by a pair of virtual interfaces. */
export class TwoMachines implements AsyncDisposable {
  /** The address of each end of the cable. */
  readonly addresses: readonly [string, string] = ["10.77.0.1", "10.77.0.2"];
  readonly names: readonly [string, string];

  private constructor(id: string) {
    this.names = [`net-a-${id}`, `net-b-${id}`];
  }

  /** Needs root and `ip`. */
  static async create(): Promise<TwoMachines> {
    const id = randomBytes(3).toString("hex");
    const machines = new TwoMachines(id);
    try {
      await machines.#connect(`va${id}`, `vb${id}`);
      return machines;
    } catch (error) {
      await machines[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What runs a program on one of them: put it before the program's own arguments. */
  on(machine: 0 | 1): readonly string[] {
    return ["ip", "netns", "exec", this.names[machine]];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The virtual interfaces go with the namespaces. One that was never made is gone already.
    for (const name of this.names) await ip("netns", "delete", name).catch(() => {});
  }

  async #connect(near: string, far: string): Promise<void> {
    const [a, b] = this.names;
    await ip("netns", "add", a);
    await ip("netns", "add", b);
    await ip("link", "add", near, "netns", a, "type", "veth", "peer", "name", far, "netns", b);
    for (const [i, [name, device]] of (
      [
        [a, near],
        [b, far],
      ] as const
    ).entries()) {
      await ip("-n", name, "address", "add", `${this.addresses[i]}/24`, "dev", device);
      // An address of its own kind is not usable before the kernel has made sure, a second or two later, that nobody has it:
      // whoever began in that time would begin again over IPv6, beside somebody who came later.
      await ip("-n", name, "link", "set", device, "addrgenmode", "none");
      await ip("-n", name, "address", "add", `fe80::${i + 1}/64`, "dev", device, "nodad");
      await ip("-n", name, "link", "set", device, "up");
      await ip("-n", name, "link", "set", "lo", "up");
    }
  }
}

/** @throws Error with what `ip` said, if it failed. */
export async function ip(...args: readonly string[]): Promise<void> {
  await run("ip", args);
}
