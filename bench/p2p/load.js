// Two ways to ask for work. Closed loop: so many calls under way, each replaced when it is answered: what can be carried.
// Open loop: calls begin when they are due, answered or not: what callers wait who do not know of each other. Its
// latencies count from when a call was due, so that a stall is not hidden by the calls it kept from being made.
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";

/** More calls under way than this, and an open loop gives up: what is asked cannot keep up. */
const MAX_UNDER_WAY = 4096;
/** What is still unanswered this long after the end, in ms, counts as that late. */
const GRACE = 2_000;

/**
 * @typedef {object} Figures
 * @property {number} perSecond
 * @property {number} calls
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {boolean} [keptUp]
 */

/**
 * @param {() => Promise<unknown>} call
 * @param {{ inFlight: number, duration: number }} options
 * @returns {Promise<Figures>}
 */
export async function closedLoop(call, { inFlight, duration }) {
  /** @type {number[]} */
  const latencies = [];
  const startMs = performance.now();
  const caller = async () => {
    for (let nowMs = performance.now(); nowMs - startMs < duration; ) {
      await call();
      const answeredMs = performance.now();
      latencies.push(answeredMs - nowMs);
      nowMs = answeredMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return figures(latencies, performance.now() - startMs);
}

/**
 * Calls at random moments, independent of each other (exponential gaps), `perSecond` on average. It turns the event loop
 * all the time instead of waiting for timers, which would be late by a millisecond.
 *
 * @param {() => Promise<unknown>} call
 * @param {{ perSecond: number, duration: number, seed: number }} options
 * @returns {Promise<Figures>}
 */
export async function openLoop(call, { perSecond, duration, seed }) {
  /** @type {number[]} */
  const latencies = [];
  const random = randomNumbers(seed);
  const startMs = performance.now();
  const begun = new Set();
  let dueMs = startMs + exponential(random, 1000 / perSecond);
  const begin = (/** @type {number} */ at) => {
    begun.add(at);
    const done = () => {
      if (begun.delete(at)) latencies.push(performance.now() - at);
    };
    call().then(done, done);
  };
  while (performance.now() - startMs < duration && begun.size < MAX_UNDER_WAY) {
    for (const nowMs = performance.now(); dueMs <= nowMs; ) {
      begin(dueMs);
      dueMs += exponential(random, 1000 / perSecond);
    }
    await turn();
  }
  const keptUp = begun.size < MAX_UNDER_WAY;
  const endMs = performance.now();
  while (begun.size > 0 && performance.now() - endMs < GRACE) await wait(5);
  for (const at of begun) latencies.push(performance.now() - Number(at));
  begun.clear();
  return { ...figures(latencies, endMs - startMs), keptUp };
}

/**
 * @param {number[]} latencies
 * @param {number} tookMs
 * @returns {Figures}
 */
function figures(latencies, tookMs) {
  const sorted = Float64Array.from(latencies).sort();
  return {
    calls: sorted.length,
    perSecond: (sorted.length / tookMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}

/** @param {ArrayLike<number>} sorted @param {number} part */
export function percentile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** @param {() => number} random @param {number} mean */
export function exponential(random, mean) {
  return -Math.log(1 - random()) * mean;
}

/** Mulberry32: the same numbers for every variant. @param {number} seed */
export function randomNumbers(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
