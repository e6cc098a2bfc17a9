// pnpm bench [name…] [--quick]: runs the comparisons in bench/<name>/, all without a name. Plain JavaScript, outside
// the workspace: the rivals have a lockfile of their own here and are installed at the first run.
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { machineLine } from "./lib/machine.js";

const here = import.meta.dirname;
const known = globSync("*/bench.js", { cwd: here }).map(dirname).sort();
const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const unknown = names.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  console.error(`there is no bench/${unknown[0]}; there are: ${known.join(", ")}`);
  process.exitCode = 1;
} else {
  run(names.length > 0 ? names : known);
}

/** @param {string[]} chosen */
function run(chosen) {
  if (!existsSync(join(here, "node_modules"))) {
    must("npx", ["-y", "pnpm@12", "install", "--ignore-workspace", "--frozen-lockfile"]);
  }
  console.log(machineLine());
  const flags = words.filter((word) => word.startsWith("--"));
  for (const name of chosen) {
    const bench = join(here, name, "bench.js");
    must(process.execPath, ["--conditions=@net/source", "--expose-gc", bench, ...flags]);
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function must(program, args) {
  const shell = process.platform === "win32" && program === "npx";
  const { status, error } = spawnSync(program, args, { cwd: here, stdio: "inherit", shell });
  if (error || status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed`, { cause: error });
}
