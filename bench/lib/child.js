import { fork } from "node:child_process";
import { once } from "node:events";

/**
 * Starts a file as a process of its own, which ends with its parent. It calls {@link serveParent}.
 *
 * @param {string} file
 * @param {string[]} [args]
 */
export async function startChild(file, args = []) {
  const child = fork(file, args, { execArgv: ["--conditions=@net/source", "--expose-gc"] });
  const [ready] = await once(child, "message");
  return {
    /** What it said when it was ready. */
    ready,
    /**
     * Asks it something; one question at a time.
     *
     * @param {string} question
     * @returns {Promise<any>}
     */
    async ask(question) {
      child.send(question);
      const [answer] = await once(child, "message");
      return answer;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/**
 * The other half: says that this process is ready, and answers. It always knows `cpuUs`, the CPU time it has used, and
 * `memoryBytes`, what it occupies after a garbage collection.
 *
 * @param {unknown} ready
 * @param {Record<string, () => unknown>} [answers]
 */
export function serveParent(ready, answers = {}) {
  /** @type {Record<string, () => unknown>} */
  const known = { cpuUs, memoryBytes, ...answers };
  const answer = async (/** @type {string} */ question) => {
    process.send?.((await known[question]?.()) ?? null);
  };
  process.on("message", (question) => void answer(String(question)));
  process.once("disconnect", () => process.exit());
  process.send?.(ready);
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function memoryBytes() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage.rss();
}
