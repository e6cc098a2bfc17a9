#!/usr/bin/env node
// Plain JavaScript, and nothing of the sources before the check: an old Node can read this and say what is wrong.

import { problemWith } from "./support.js";

const problem = problemWith(process.versions.node, process.execArgv);
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else {
  const { main } = await import("../src/main.ts");
  process.exitCode = await main(process.argv.slice(2));
}
