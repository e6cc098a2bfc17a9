import { markdownTable } from "../lib/table.js";

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {import("./processes.js").Part} caller
 * @property {import("./processes.js").Part} [server] Its CPU time counts too.
 */
/** @typedef {import("./load.js").Figures & { cpuUs: number }} Measured */

export const quick = process.argv.includes("--quick");

/**
 * Measures all variants in interleaved rounds, whose order rotates, after a warm-up. Each figure is the best of its rounds.
 *
 * @template {Variant} V
 * @param {V[]} variants
 * @param {(variant: V, round: number) => Promise<import("./load.js").Figures>} measure
 * @param {number} rounds
 * @returns {Promise<Map<V, Measured>>}
 */
export async function interleaved(variants, measure, rounds) {
  /** @type {Map<V, Measured>} */
  const best = new Map();
  for (let round = -1; round < (quick ? 1 : rounds); round++) {
    const start = Math.max(round, 0) % variants.length;
    for (const variant of [...variants.slice(start), ...variants.slice(0, start)]) {
      const before = await cpuUs(variant);
      const figures = await measure(variant, round);
      const used = (await cpuUs(variant)) - before;
      // The first round is the warm-up.
      if (round >= 0) best.set(variant, better(best.get(variant), figures, used / figures.calls));
    }
  }
  return best;
}

/** @param {Variant} variant @returns {Promise<number>} */
async function cpuUs({ caller, server }) {
  return (await caller.ask("cpuUs")) + ((await server?.ask("cpuUs")) ?? 0);
}

/**
 * @param {Measured | undefined} known
 * @param {import("./load.js").Figures} figures
 * @param {number} cpu
 * @returns {Measured}
 */
function better(known, figures, cpu) {
  if (!known) return { ...figures, cpuUs: cpu };
  return {
    calls: known.calls + figures.calls,
    keptUp: Boolean(known.keptUp || figures.keptUp),
    perSecond: Math.max(known.perSecond, figures.perSecond),
    p50Ms: Math.min(known.p50Ms, figures.p50Ms),
    p99Ms: Math.min(known.p99Ms, figures.p99Ms),
    cpuUs: Math.min(known.cpuUs, cpu),
  };
}

/**
 * @param {string} title
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function printTable(title, head, rows) {
  console.log(`\n**${title}**\n`);
  console.log(markdownTable(head, rows));
}

/**
 * A goal and whether this run reached it.
 *
 * @param {string} what
 * @param {boolean} reached
 * @param {string} seen
 */
export function goal(what, reached, seen) {
  console.log(`${reached ? "reached" : "MISSED"}: ${what}: ${seen}`);
}

/** @param {number} value */
export const whole = (value) => Math.round(value).toLocaleString("en");
/** @param {number} value @param {number} base */
export const ratio = (value, base) => `${(value / base).toFixed(2)}×`;
