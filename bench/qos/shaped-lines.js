// Two network namespaces on one cable, of which one end sends at most 8 Mbit/s.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { markdownTable } from "../lib/table.js";

const RATE = "8mbit";
const BYTES_PER_SECOND = 1e6;
const ADDRESSES = ["10.78.0.1", "10.78.0.2"];

/** What else the machine does is not what is measured: both ends go before it. */
const FIRST = ["chrt", "-f", "1"];

/**
 * Bulk data and heartbeats through a shaped line, over one TCP connection: without a queue of ours, and with the egress
 * queue under the receiver's credit. Prints why not where it cannot be done.
 *
 * @param {boolean} isQuick
 */
export async function shapedLines(isQuick) {
  const missing = whatIsMissing();
  if (missing) {
    console.log(`\nNo shaped line: ${missing}.`);
    return;
  }
  const rows = [];
  for (const rttMs of [0, 50]) {
    for (const usesCredit of [false, true]) rows.push(await measure(rttMs, usesCredit, isQuick));
  }
  const head = ["variant", "RTT ms", "bulk MB/s", "of the line", "window KiB"];
  const beats = ["heartbeats answered", "p50 ms", "p99 ms", "2 × (window/rate + RTT)"];
  console.log(`\n**Heartbeats beside bulk data through ${RATE}, one TCP connection**\n`);
  console.log(markdownTable([...head, ...beats], rows));
}

/** @returns {string | undefined} */
function whatIsMissing() {
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  try {
    for (const program of ["ip", "tc", "chrt"]) {
      execFileSync(program, ["-V"], { stdio: "ignore" });
    }
  } catch {
    return "ip, tc and chrt are not all installed";
  }
  return undefined;
}

/**
 * @param {number} rttMs
 * @param {boolean} usesCredit
 * @param {boolean} isQuick
 */
async function measure(rttMs, usesCredit, isQuick) {
  const cable = new Cable();
  try {
    cable.connect();
    // Where the kernel delays, all of it is on the way back.
    const delay = cable.delay(rttMs) ? 0 : rttMs / 2;
    const [warmUp, duration] = isQuick ? [500, 1_500] : [3_000, 9_000];
    const flags = usesCredit ? ["--credit"] : [];
    const receiver = cable.run(1, "receiver.js", [ADDRESSES[1], delay, warmUp, ...flags]);
    const port = await receiver.line();
    const numbers = [ADDRESSES[1], port, delay, warmUp, duration, ...flags];
    const sender = cable.run(0, "sender.js", numbers);
    const sent = JSON.parse(await sender.line());
    const received = JSON.parse(await receiver.line());
    return row(usesCredit, sent, received);
  } finally {
    cable.cut();
  }
}

/**
 * @param {boolean} usesCredit
 * @param {{ idleMs: number, asked: number, answers: number[] }} sent
 * @param {{ bytesPerSecond: number, windowBytes: number }} received
 */
function row(usesCredit, { idleMs, asked, answers }, { bytesPerSecond, windowBytes }) {
  const sorted = answers.toSorted((a, b) => a - b);
  const limitMs = 2 * ((windowBytes * 1_000) / BYTES_PER_SECOND + idleMs);
  return [
    usesCredit ? "egress queue and credit" : "the link alone",
    idleMs.toFixed(1),
    (bytesPerSecond / 1e6).toFixed(3),
    `${((100 * bytesPerSecond) / BYTES_PER_SECOND).toFixed(1)} %`,
    usesCredit ? (windowBytes / 1_024).toFixed(0) : "none",
    `${sorted.length} of ${asked}`,
    percentile(sorted, 0.5),
    percentile(sorted, 0.99),
    usesCredit ? limitMs.toFixed(0) : "",
  ];
}

/**
 * @param {number[]} sorted
 * @param {number} part
 */
function percentile(sorted, part) {
  return sorted[Math.ceil(part * sorted.length) - 1]?.toFixed(0) ?? "none";
}

/** The namespaces, the cable between them, and the programs at its ends. */
class Cable {
  #id = randomBytes(3).toString("hex");
  #names = [`qos-a-${this.#id}`, `qos-b-${this.#id}`];
  #devices = [`qa${this.#id}`, `qb${this.#id}`];
  /** @type {import("node:child_process").ChildProcess[]} */
  #programs = [];

  connect() {
    const [[a, b], [near, far]] = [this.#names, this.#devices];
    ip("netns", "add", a);
    ip("netns", "add", b);
    ip("link", "add", near, "netns", a, "type", "veth", "peer", "name", far, "netns", b);
    for (const [i, name] of this.#names.entries()) {
      ip("-n", name, "address", "add", `${ADDRESSES[i]}/24`, "dev", this.#devices[i]);
      ip("-n", name, "link", "set", this.#devices[i], "up");
      ip("-n", name, "link", "set", "lo", "up");
    }
    this.#tc(0, "tbf", "rate", RATE, "burst", "16kb", "limit", "2mb");
  }

  /** Whether the kernel delays what comes back. @param {number} ms */
  delay(ms) {
    if (ms === 0) return true;
    try {
      this.#tc(1, "netem", "delay", `${ms}ms`);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {0 | 1} end
   * @param {string} program
   * @param {unknown[]} args
   */
  run(end, program, args) {
    const file = join(import.meta.dirname, program);
    const node = [process.execPath, "--conditions=@net/source", file, ...args.map(String)];
    const child = spawn("ip", ["netns", "exec", this.#names[end] ?? "", ...FIRST, ...node], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#programs.push(child);
    return { line: lines(child) };
  }

  cut() {
    for (const program of this.#programs) program.kill("SIGKILL");
    for (const name of this.#names) {
      try {
        ip("netns", "delete", name);
      } catch {
        // One that was never made is gone already.
      }
    }
  }

  /**
   * @param {0 | 1} end
   * @param {string[]} discipline
   */
  #tc(end, ...discipline) {
    const name = this.#names[end] ?? "";
    const device = this.#devices[end] ?? "";
    const args = ["qdisc", "add", "dev", device, "root", ...discipline];
    execFileSync("ip", ["netns", "exec", name, "tc", ...args], { stdio: "ignore" });
  }
}

/** The next line that a program prints. @param {import("node:child_process").ChildProcess} child */
function lines(child) {
  const iterator = (async function* () {
    let text = "";
    for await (const chunk of child.stdout ?? []) {
      text += chunk;
      const parts = text.split("\n");
      text = parts.pop() ?? "";
      yield* parts;
    }
  })();
  return async () => {
    const { value, done } = await iterator.next();
    if (!done) return value;
    if (child.exitCode === null) await once(child, "exit");
    throw new Error(`${child.spawnargs.join(" ")} ended with ${child.exitCode}`);
  };
}

/** @param {(string | undefined)[]} args */
function ip(...args) {
  execFileSync("ip", args.map(String), { stdio: "ignore" });
}
