// Compiles reference.cpp where there is a C++ compiler.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * @param {string} folder where the program goes
 * @returns {string | undefined} its path; undefined without a compiler
 */
export function compileReference(folder) {
  const program = join(folder, "reference");
  const source = join(import.meta.dirname, "reference.cpp");
  const { status } = spawnSync("g++", ["-O3", "-o", program, source], { stdio: "inherit" });
  if (status === 0) return program;
  console.log("\nWithout a C++ reference: there is no g++, or it failed.");
  return undefined;
}

/**
 * CPU µs for one tree, and the sum of the distances to the last node.
 *
 * @param {string} program
 * @param {string} graph
 * @param {number} trees
 */
export function runReference(program, graph, trees) {
  const { status, stdout } = spawnSync(program, [graph, `${trees}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  const [cpuUs = Number.NaN, sum = Number.NaN] = stdout.split(" ").map(Number);
  return { cpuUs, sum };
}
