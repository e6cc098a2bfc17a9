// 200 peers in four processes, each with eight links: how long until every one knows every other.
import { setTimeout as wait } from "node:timers/promises";
import { tls } from "../ends.js";
import { randomNumbers } from "../load.js";
import { startPart } from "../processes.js";
import { goal, printTable, quick } from "../rounds.js";

const PROCESSES = 4;
const PEERS = quick ? 40 : 200;
/** Each peer has two links on each of these random rings. */
const RINGS = 4;
const LONGEST = 60_000;

export async function convergence() {
  await using stack = new AsyncDisposableStack();
  const crowds = [];
  const startingMs = performance.now();
  for (let i = 0; i < PROCESSES; i++) {
    crowds.push(
      stack.use(await startPart("crowd.js", { tls, from: i, step: PROCESSES, peers: PEERS })),
    );
  }
  const addresses = Object.assign({}, ...crowds.map(({ ready }) => ready));
  const startedMs = performance.now();
  const links = randomLinks();
  const dialled = Promise.all(
    crowds.map((crowd, i) =>
      crowd.ask(
        "dial",
        links.filter(([from]) => from % PROCESSES === i).map(([from, to]) => [from, addresses[to]]),
      ),
    ),
  );
  const failures = await dialled;
  const failedDials = failures.reduce((sum, each) => sum + each.failedDials, 0);
  const failedLinks = failures.reduce((sum, each) => sum + each.failedLinks, 0);
  const linkedMs = performance.now();
  let least = 0;
  while (least < PEERS && performance.now() - startedMs < LONGEST) {
    await wait(100);
    least = Math.min(...(await Promise.all(crowds.map((crowd) => crowd.ask("knownByAll", PEERS)))));
  }
  const tookMs = performance.now() - startedMs;
  let cpuUs = 0;
  for (const crowd of crowds) cpuUs += await crowd.ask("cpuUs");
  const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(1);
  printTable(
    `${PEERS} peers of degree ${2 * RINGS} in ${PROCESSES} processes, seconds`,
    ["", "s"],
    [
      ["all started, one after the other", seconds(startedMs - startingMs)],
      [
        `then ${links.length} links dialled and secured (${failedDials} tries failed, ${failedLinks} links)`,
        seconds(linkedMs - startedMs),
      ],
      [
        "every peer knows every other, since the last one started",
        least < PEERS ? "never" : seconds(tookMs),
      ],
      ["CPU time of the four processes", seconds(cpuUs / 1000)],
    ],
  );
  console.log("");
  goal(
    "all know all within 20 s",
    least >= PEERS && tookMs <= 20_000,
    `${seconds(tookMs)} s, the least knows ${least}`,
  );
}

function randomLinks() {
  const random = randomNumbers(1);
  /** @type {Map<string, [number, number]>} */
  const links = new Map();
  for (let ring = 0; ring < RINGS; ring++) {
    const order = Array.from({ length: PEERS }, (_, i) => ({ i, at: random() }));
    order.sort((a, b) => a.at - b.at);
    for (const [index, { i }] of order.entries()) {
      const next = order[(index + 1) % PEERS]?.i ?? 0;
      links.set(`${Math.min(i, next)} ${Math.max(i, next)}`, [i, next]);
    }
  }
  return [...links.values()];
}
