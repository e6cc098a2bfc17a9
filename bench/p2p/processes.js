import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { join, resolve } from "node:path";

/** No process of a comparison lives longer, in ms, whatever happens. */
const LONGEST_LIFE = 15 * 60_000;
const PROFILES = "BENCH_PROFILES";
const execArgv = ["--conditions=@net/source", "--expose-gc"];

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();
process.once("exit", () => {
  // Also those that were stopped, which take no other signal.
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, () => process.exit(1));
}

/**
 * @typedef {object} Part
 * @property {any} ready What it said when it was ready.
 * @property {number} pid
 * @property {(question: string, ...args: any[]) => Promise<any>} ask
 * @property {(signal: NodeJS.Signals) => boolean} kill
 */

/**
 * Starts one of `parts/` as a process of its own, which ends with this one. It calls {@link answerParent}.
 *
 * With `--profile=<directory>` each writes a CPU profile there when it ends.
 *
 * @param {string} file
 * @param {unknown[]} args anything that JSON can say
 */
export async function startPart(file, ...args) {
  const path = join(import.meta.dirname, "parts", file);
  const child = fork(path, [JSON.stringify(args)], { execArgv, env: withProfiling() });
  children.add(child);
  const ended = once(child, "exit").then(([code, signal]) => {
    children.delete(child);
    throw new Error(`${file} ${JSON.stringify(args)} ended: ${code ?? signal}`);
  });
  ended.catch(() => {});
  const [{ answer: ready }] = await Promise.race([once(child, "message"), ended]);
  return {
    ready,
    pid: child.pid ?? 0,
    /** @param {string} question @param {unknown[]} details One question at a time. */
    async ask(question, ...details) {
      child.send({ question, details });
      const [{ answer, error }] = await Promise.race([once(child, "message"), ended]);
      if (error) throw new Error(`${file} ${question}: ${error}`);
      return answer;
    },
    kill: (/** @type {NodeJS.Signals} */ signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended.catch(() => {});
      clearTimeout(timer);
    },
  };
}

/**
 * A program of somebody else, killed at the end.
 *
 * @param {string} program
 * @param {string[]} args
 */
export function startProgram(program, args) {
  const child = spawn(program, args, { stdio: "ignore" });
  children.add(child);
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      children.delete(child);
    },
  };
}

/** What the parent gave {@link startPart}. @returns {any[]} */
export function givenArguments() {
  return JSON.parse(process.argv[2] ?? "[]");
}

/**
 * The other half of {@link startPart}: says that this process is ready, and answers. It always knows `cpuUs`, the CPU
 * time it has used, and `peakMiB`, the most memory it has had (resident set).
 *
 * @param {unknown} ready
 * @param {Record<string, (...details: any[]) => unknown>} [answers]
 */
export function answerParent(ready, answers = {}) {
  /** @type {Record<string, (...details: any[]) => unknown>} */
  const known = { cpuUs, peakMiB, ...answers };
  // Whether the parent is still there to hear it is not this process's concern.
  const say = (/** @type {object} */ said) => process.send?.(said, () => {});
  const answer = async (/** @type {any} */ { question, details }) => {
    try {
      say({ answer: (await known[question]?.(...details)) ?? null });
    } catch (error) {
      say({ error: error instanceof Error ? error.stack : String(error) });
    }
  };
  process.on("message", (asked) => void answer(asked));
  process.once("disconnect", () => process.exit());
  setTimeout(() => process.exit(1), LONGEST_LIFE).unref();
  profile();
  say({ answer: ready });
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function peakMiB() {
  return process.resourceUsage().maxRSS / 1024;
}

function withProfiling() {
  const directory = process.argv.find((word) => word.startsWith("--profile="))?.slice(10);
  return directory === undefined ? process.env : { ...process.env, [PROFILES]: resolve(directory) };
}

/** From when it is ready: how it started does not count. Ends at the process's end. */
function profile() {
  const directory = process.env[PROFILES];
  if (directory === undefined) return;
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.start");
  process.once("exit", () => {
    session.post("Profiler.stop", (_error, { profile: seen }) => {
      const name = `${process.argv.slice(1).join(" ")} ${process.pid}`;
      const file = `${name.slice(import.meta.dirname.length).replaceAll(/[^\w.]+/g, "-")}.cpuprofile`;
      writeFileSync(join(directory, file), JSON.stringify(seen));
    });
  });
}
