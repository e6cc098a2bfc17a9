// Calls when they are due, each with the work it is, by the executor.
import { setTimeout as wait } from "node:timers/promises";
import { DistributedExecutor } from "@net/p2p";
import { answerParent, givenArguments } from "../processes.js";
import { startPeer } from "../rivals/mesh.js";

const [options, addresses] = givenArguments();
const network = await startPeer("caller", options);
for (const address of addresses) await network.connect(address);
const executor = new DistributedExecutor(network.tools, network.router());
await wait(500);
answerParent(true, { run });

/** @param {{ atMs: number, workMs: number }[]} calls */
async function run(calls) {
  let toSlow = 0;
  let failed = 0;
  const startMs = performance.now();
  const underWay = [];
  for (const { atMs, workMs } of calls) {
    const early = startMs + atMs - performance.now();
    if (early > 0) await wait(early);
    underWay.push(latencyOf(workMs, startMs + atMs));
  }
  return { latencies: await Promise.all(underWay), toSlow, failed };

  /** @param {number} workMs @param {number} dueMs */
  async function latencyOf(workMs, dueMs) {
    try {
      const { executedOn } = await executor.execute("work", { workMs }, {}, { deadlineMs: 10_000 });
      if (executedOn === "provider-0") toSlow += 1;
    } catch {
      failed += 1;
    }
    return performance.now() - dueMs;
  }
}
