// What the files here measure and print with.
import { markdownTable } from "../lib/table.js";

export const quick = process.argv.includes("--quick");
export const ROUNDS = quick ? 1 : 5;

/** CPU time of this process while it runs, µs. */
export function cpuUs(/** @type {() => unknown} */ run) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/**
 * @param {string} title
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function print(title, head, rows) {
  console.log(`\n**${title}**\n`);
  console.log(markdownTable(head, rows));
}

export function count(/** @type {number} */ value) {
  return value.toLocaleString("en");
}

/**
 * @param {number} value
 * @param {number} digits
 */
export function fixed(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : "–";
}
