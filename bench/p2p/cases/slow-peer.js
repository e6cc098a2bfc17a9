// Eight providers, one of them ten times slower, at 70 % of what they can do together. The best that could be done is
// worked out for the same calls: each goes where it will be finished first, by one who knows how much work each call is,
// how fast each provider is, and what waits there.
import { tls } from "../ends.js";
import { exponential, percentile, randomNumbers } from "../load.js";
import { startPart } from "../processes.js";
import { goal, printTable, quick } from "../rounds.js";

const PROVIDERS = 8;
const SLOWNESS = 10;
/** What a call takes of a fast provider, in ms, on average; exponentially distributed. */
const WORK_MS = 20;
const LOAD = 0.7;
const DURATION = quick ? 5_000 : 30_000;
/** Until this, in ms, the slow one is not known to be slow. */
const LEARNING = quick ? 1_000 : 3_000;

export async function slowPeer() {
  await using stack = new AsyncDisposableStack();
  const providers = stack.use(
    await startPart("queues.js", { tls, count: PROVIDERS, slowness: SLOWNESS }),
  );
  const caller = stack.use(await startPart("arrivals.js", { tls }, providers.ready));
  const calls = arrivals();
  const { latencies, toSlow, failed } = await caller.ask("run", calls);
  const counted = calls.filter(({ atMs }) => atMs >= LEARNING).length;
  const best = p99(simulate(calls, bestOf));
  printTable(
    `One of ${PROVIDERS} providers ${SLOWNESS} times slower, ${Math.round((calls.length / DURATION) * 1000)} calls/s, ${counted} counted`,
    ["", "p50 ms", "p99 ms", "ratio"],
    [
      ["the best possible assignment, worked out", ...row(simulate(calls, bestOf), best)],
      [`\`DistributedExecutor\`, ${toSlow} to the slow one`, ...row(latencies, best)],
      ["by turns, worked out", ...row(simulate(calls, byTurns), best)],
    ],
  );
  console.log("");
  const seen = p99(latencies) / best;
  goal(
    "p99 at most 1.3× the best possible",
    seen <= 1.3 && failed === 0,
    `${seen.toFixed(2)}×, ${failed} failed`,
  );
}

/** @typedef {{ atMs: number, workMs: number }} Arrival */

/** @returns {Arrival[]} */
function arrivals() {
  const random = randomNumbers(7);
  const perMs = (LOAD * (PROVIDERS - 1 + 1 / SLOWNESS)) / WORK_MS;
  const calls = [];
  for (let atMs = 0; atMs < DURATION; atMs += exponential(random, 1 / perMs)) {
    calls.push({ atMs, workMs: exponential(random, WORK_MS) });
  }
  return calls;
}

/**
 * @param {Arrival[]} calls
 * @param {(freeAtMs: number[], call: Arrival, index: number) => number} choose
 */
function simulate(calls, choose) {
  const freeAtMs = Array.from({ length: PROVIDERS }, () => 0);
  return calls.map((call, index) => {
    const chosen = choose(freeAtMs, call, index);
    const doneMs = doneAt(freeAtMs, call, chosen);
    freeAtMs[chosen] = doneMs;
    return doneMs - call.atMs;
  });
}

/** @param {number[]} freeAtMs @param {Arrival} call @param {number} provider The first is the slow one. */
function doneAt(freeAtMs, { atMs, workMs }, provider) {
  const takesMs = provider === 0 ? SLOWNESS * workMs : workMs;
  return Math.max(atMs, freeAtMs[provider] ?? 0) + takesMs;
}

/** @param {number[]} freeAtMs @param {Arrival} call */
function bestOf(freeAtMs, call) {
  const done = freeAtMs.map((_, provider) => doneAt(freeAtMs, call, provider));
  return done.indexOf(Math.min(...done));
}

/** @param {number[]} freeAtMs @param {Arrival} _call @param {number} index */
function byTurns(freeAtMs, _call, index) {
  return index % freeAtMs.length;
}

/** Of those after the time to learn. Calls and latencies are in the same order. @param {number[]} latencies */
function settled(latencies) {
  return Float64Array.from(
    latencies.slice(Math.floor((latencies.length * LEARNING) / DURATION)),
  ).sort();
}

/** @param {number[]} latencies */
function p99(latencies) {
  return percentile(settled(latencies), 0.99);
}

/** @param {number[]} latencies @param {number} best */
function row(latencies, best) {
  const sorted = settled(latencies);
  const p99Ms = percentile(sorted, 0.99);
  return [percentile(sorted, 0.5).toFixed(0), p99Ms.toFixed(0), `${(p99Ms / best).toFixed(2)}×`];
}
