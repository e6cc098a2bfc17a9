// A scan where a firewall drops a part of the questions, against nmap: 4,000 ports of a network namespace's loopback, of
// which 1,100 give no answer. What costs time here is waiting, so the answers are compared too: waiting less must not
// mean missing more.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { markdownTable } from "../lib/table.js";

const PORTS = "4001-8000";
const OPEN = [5000, 7777];
const FILTERED = "6001-7100";
const HOST = "127.0.0.1";
const RULES = `
table inet scan {
  chain input {
    type filter hook input priority 0
    tcp dport ${FILTERED} tcp flags & (syn|ack) == syn drop
  }
}`;

const SERVE = `
const { createServer } = require("node:net");
let waiting = ${OPEN.length};
const ready = () => --waiting === 0 && console.log("ready");
for (const port of ${JSON.stringify(OPEN)}) createServer((s) => s.destroy()).listen(port, "${HOST}", ready);
`;

const SCAN = `
import { scan } from "@net/sockets";
const found = { open: [], closed: 0, filtered: [] };
const start = performance.now();
for await (const { port, state } of scan(["${HOST}"], ["${PORTS}"])) {
  if (state === "closed") found.closed++;
  else found[state].push(port);
}
console.log(JSON.stringify({ ...found, seconds: (performance.now() - start) / 1000 }));
`;

/** @typedef {{ open: number[], closed: number, filtered: number[], seconds: number }} Found */

/** @param {{ rounds: number }} options */
export async function compareFiltered({ rounds }) {
  const missing = whatIsMissing();
  if (missing) {
    console.log(`\n(The scan of filtered ports was left out: ${missing}.)`);
    return;
  }
  const name = `net-bench-${randomBytes(3).toString("hex")}`;
  must("ip", "netns", "add", name);
  try {
    must("ip", "-n", name, "link", "set", "lo", "up");
    must("ip", "netns", "exec", name, "nft", RULES);
    await withServers(name, () => measure(name, rounds));
  } finally {
    must("ip", "netns", "delete", name);
  }
}

/** @returns {string | undefined} */
function whatIsMissing() {
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  const programs = [
    ["ip", "-V"],
    ["nft", "--version"],
    ["nmap", "--version"],
  ];
  const [absent] = programs.find(([file = "", ...args]) => spawnSync(file, args).error) ?? [];
  return absent && `${absent} is not installed`;
}

/**
 * @param {string} name
 * @param {() => void} run
 */
async function withServers(name, run) {
  const servers = spawn("ip", ["netns", "exec", name, process.execPath, "--eval", SERVE], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(servers, "exit");
  await once(servers.stdout, "data");
  try {
    run();
  } finally {
    servers.kill();
    await ended;
  }
}

/**
 * @param {string} name
 * @param {number} rounds
 */
function measure(name, rounds) {
  const variants = [
    { name: "`nmap -sT`", run: () => nmapped(name) },
    { name: "`scan`, adaptive", run: () => scanned(name) },
  ];
  /** @type {Map<string, number>} */
  const best = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const { name: variant, run } of variants) {
      const { seconds, ...found } = run();
      assertRight(variant, found);
      best.set(variant, Math.min(best.get(variant) ?? Number.POSITIVE_INFINITY, seconds));
    }
  }
  const [base = 1] = best.values();
  const rows = [...best].map(([variant, seconds]) => [
    variant,
    seconds.toFixed(2),
    `${(seconds / base).toFixed(2)}×`,
  ]);
  console.log("\n**4,000 ports of which 1,100 are filtered, wall time, best of the rounds**\n");
  console.log(markdownTable(["variant", "seconds", "ratio"], rows));
}

/**
 * Without the start of Node, which a library's user has behind them; nmap's with its own few milliseconds.
 *
 * @param {string} name
 * @returns {Found}
 */
function scanned(name) {
  const node = [process.execPath, "--conditions=@net/source", "--input-type=module"];
  return JSON.parse(must("ip", "netns", "exec", name, ...node, "--eval", SCAN));
}

/**
 * @param {string} name
 * @returns {Found}
 */
function nmapped(name) {
  const start = performance.now();
  const flags = ["-sT", "-n", "-Pn", "-p", PORTS, "-oX", "-", HOST];
  const report = must("ip", "netns", "exec", name, "nmap", ...flags);
  const seconds = (performance.now() - start) / 1000;
  const [open, filtered] = [inState(report, "open"), inState(report, "filtered")];
  return { open, filtered, closed: inState(report, "closed").length, seconds };
}

/**
 * Ports that stand alone in nmap's report, and those it sums up.
 *
 * @param {string} report
 * @param {string} state
 */
function inState(report, state) {
  const alone = [...report.matchAll(/portid="(\d+)"><state state="(\w+)"/g)]
    .filter(([, , its]) => its === state)
    .map(([, port]) => Number(port));
  const summed = [
    ...report.matchAll(/<extraports state="(\w+)"[^>]*>\s*<extrareasons[^>]*ports="([^"]+)"/g),
  ]
    .filter(([, its]) => its === state)
    .flatMap(([, , ranges = ""]) => ranges.split(",").flatMap(portsOf));
  return [...alone, ...summed];
}

/** @param {string} range */
function portsOf(range) {
  const [first = 0, last = first] = range.split("-").map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * @param {string} variant
 * @param {Omit<Found, "seconds">} found
 */
function assertRight(variant, { open, closed, filtered }) {
  const expected = { open: OPEN, closed: 4000 - OPEN.length - 1100, filtered: portsOf(FILTERED) };
  const sorted = { open: sort(open), closed, filtered: sort(filtered) };
  if (!isDeepStrictEqual(sorted, expected)) {
    const counts = `${open.length} open, ${closed} closed, ${filtered.length} filtered`;
    throw new Error(`${variant} is wrong: ${counts}`);
  }
}

/** @param {number[]} ports */
function sort(ports) {
  return ports.toSorted((a, b) => a - b);
}

/** @param {string[]} command */
function must(...command) {
  const [file = "", ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: "utf8",
    cwd: import.meta.dirname,
    timeout: 60_000,
  });
  if (error || status !== 0)
    throw new Error(`${command.join(" ")} failed: ${stderr}`, { cause: error });
  return stdout;
}
