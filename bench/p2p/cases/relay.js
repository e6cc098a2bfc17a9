// Through one relay, a process of its own, which can read nothing of it.
import { startUs, tls } from "../ends.js";
import { startPart } from "../processes.js";
import { goal, printTable, quick, ratio, whole } from "../rounds.js";

// What the compiler made of a process is worth a tenth, and stays so for as long as it runs. So all are started several times,
// and the median of all rounds counts.
const STARTS = quick ? 1 : 5;
const ROUNDS = quick ? 1 : 6;
/**
 * Until the compiler has seen enough also of what is done once for a batch of 32 calls: through a relay, calls take less and less CPU
 * for a quarter of a minute. (Measured.)
 */
const WARM_UP = quick ? 400 : 20_000;
const DURATION = quick ? 400 : 1_000;

/** @typedef {{ perSecond: number, p50Ms: number, p99Ms: number, endsUs: number, relayUs: number }} Round */

export async function relay() {
  /** @type {Round[]} */
  const direct = [];
  /** @type {Round[]} */
  const relayed = [];
  /** @type {string[]} */
  const starts = [];
  for (let start = 0; start < STARTS; start++) {
    await measure(direct, relayed);
    starts.push(percent(ratios(direct, relayed).slice(-ROUNDS)));
  }
  printTable(
    `Through one relay, 64 calls in flight, median of ${direct.length} rounds in ${STARTS} starts`,
    ["", "calls/s", "ratio", "CPU µs per call, ends", "relay", "p50 ms", "p99 ms"],
    [
      row("`DistributedExecutor.execute`", direct, 1),
      row("through a relay", relayed, median(ratios(direct, relayed))),
    ],
  );
  const seen = median(ratios(direct, relayed));
  console.log("");
  goal(
    "through a relay at least 50 % of direct",
    seen >= 0.5,
    `${(100 * seen).toFixed(0)} % (${starts.join(", ")})`,
  );
}

/**
 * Both in turns, by processes that were just started.
 *
 * @param {Round[]} direct
 * @param {Round[]} relayed
 */
async function measure(direct, relayed) {
  await using stack = new AsyncDisposableStack();
  const { caller: near, server: next } = await startUs(stack);
  const relaying = stack.use(await startPart("relay.js", { tls, relay: true }));
  const options = { tls, by: "executor", via: relaying.ready };
  const server = stack.use(await startPart("end.js", "serve", "mesh", options));
  const far = stack.use(await startPart("end.js", "call", "mesh", options, relaying.ready));
  for (const caller of [near, far]) await load(caller, WARM_UP);
  const turns = [
    { rounds: direct, caller: near, ends: [near, next] },
    { rounds: relayed, caller: far, ends: [far, server] },
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { rounds, caller, ends } of round % 2 === 0 ? turns : turns.toReversed()) {
      const before = [await cpuUs(ends), await cpuUs([relaying])];
      const { calls, ...figures } = await load(caller, DURATION);
      const [endsUs = 0, relayUs = 0] = [await cpuUs(ends), await cpuUs([relaying])].map(
        (us, at) => (us - (before[at] ?? 0)) / calls,
      );
      rounds.push({ ...figures, endsUs, relayUs });
    }
  }
}

/** @typedef {import("../processes.js").Part} Part */

/** @param {Part} caller @param {number} duration @returns {Promise<import("../load.js").Figures>} */
async function load(caller, duration) {
  return await caller.ask("closedLoop", { inFlight: 64, duration });
}

/** @param {readonly Part[]} parts */
async function cpuUs(parts) {
  let sum = 0;
  for (const part of parts) sum += await part.ask("cpuUs");
  return sum;
}

/** Of rounds that were beside each other. @param {readonly Round[]} direct @param {readonly Round[]} relayed */
function ratios(direct, relayed) {
  return relayed.map(({ perSecond }, at) => perSecond / (direct[at]?.perSecond ?? 0));
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** @param {readonly number[]} values */
function percent(values) {
  return `${(100 * median(values)).toFixed(0)} %`;
}

/** @param {string} name @param {readonly Round[]} rounds @param {number} of */
function row(name, rounds, of) {
  const the = (/** @type {keyof Round} */ figure) => median(rounds.map((each) => each[figure]));
  return [
    ...[name, whole(the("perSecond")), ratio(of, 1)],
    ...[the("endsUs").toFixed(1), the("relayUs").toFixed(1)],
    ...[the("p50Ms").toFixed(3), the("p99Ms").toFixed(2)],
  ];
}
