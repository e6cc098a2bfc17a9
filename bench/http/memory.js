import { markdownTable } from "../lib/table.js";
import { clients, many } from "./clients.js";

const REQUESTS = 10_000;
const ROUNDS = 5;

/**
 * What 10,000 requests leave on the heap after a garbage collection: the median of the rounds.
 *
 * @param {string} url
 */
export async function memory(url) {
  await using all = clients();
  const rows = [];
  for (const [name, get] of Object.entries(all.ways)) {
    await many(() => get(url), REQUESTS);
    const growths = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = await heapBytes();
      await many(() => get(url), REQUESTS);
      growths.push((await heapBytes()) - before);
    }
    const median = growths.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    rows.push([name, (median / 2 ** 20).toFixed(2)]);
  }
  console.log(
    `\n**Heap growth per ${REQUESTS} requests, after garbage collection, median of ${ROUNDS}**\n`,
  );
  console.log(markdownTable(["client", "MiB"], rows));
}

async function heapBytes() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}
