import { markdownTable } from "./table.js";

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {(operations: number) => Promise<void>} run does that many operations
 */

/** Shared machines swing by a factor of two and three: each figure is the best of this many rounds. */
const ROUNDS = 5;

/**
 * Compares ways to do the same thing and prints a Markdown table. Rounds are interleaved (one of each variant, then
 * again, in an order that rotates), so that a busy moment of the machine meets all of them. CPU time, of this process
 * with all its threads, is the column to trust; what runs in other processes counts only where `othersCpuUs` tells it.
 *
 * @param {string} title
 * @param {object} options
 * @param {number} options.operations
 * @param {Variant[]} options.variants The first is what the ratios relate to.
 * @param {() => Promise<number>} [options.othersCpuUs] The CPU time other processes have used that count too.
 */
export async function compare(title, { operations, variants, othersCpuUs = async () => 0 }) {
  const quick = process.argv.includes("--quick");
  const count = quick ? Math.ceil(operations / 20) : operations;
  const rounds = quick ? 1 : ROUNDS;
  /** @type {Map<string, { cpuUs: number, perSecond: number }>} */
  const best = new Map();
  for (const { run } of variants) await run(Math.ceil(count / 4));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of rotated(variants, round)) {
      const result = await measure(run, count, othersCpuUs);
      const before = best.get(name) ?? { cpuUs: Number.POSITIVE_INFINITY, perSecond: 0 };
      best.set(name, {
        cpuUs: Math.min(before.cpuUs, result.cpuUs),
        perSecond: Math.max(before.perSecond, result.perSecond),
      });
    }
  }
  print(`${title}, ${count} operations, best of ${rounds}`, best);
}

/**
 * @param {Variant["run"]} run
 * @param {number} operations
 * @param {() => Promise<number>} othersCpuUs
 */
async function measure(run, operations, othersCpuUs) {
  globalThis.gc?.();
  const others = await othersCpuUs();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run(operations);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuUs = user + system + (await othersCpuUs()) - others;
  return { cpuUs: cpuUs / operations, perSecond: operations / seconds };
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} by
 */
function rotated(items, by) {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/**
 * @param {string} title
 * @param {Map<string, { cpuUs: number, perSecond: number }>} best
 */
function print(title, best) {
  const [base] = best.values();
  const rows = [...best].map(([name, { cpuUs, perSecond }]) => [
    name,
    cpuUs.toFixed(2),
    `${(cpuUs / (base?.cpuUs ?? cpuUs)).toFixed(2)}×`,
    Math.round(perSecond).toLocaleString("en"),
  ]);
  console.log(`\n**${title}**\n`);
  console.log(markdownTable(["variant", "CPU µs per operation", "ratio", "operations/s"], rows));
}
