import { seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { CHUNK_BYTES } from "../../src/credit/chunks.ts";
import { INITIAL_CREDIT_BYTES } from "../../src/credit/credit-need.ts";
import { ReceiveCredit } from "../../src/credit/receive-credit.ts";
import { SendCredit } from "../../src/credit/send-credit.ts";
import { WindowEstimator } from "../../src/credit/window-estimator.ts";
import { WindowedExtreme } from "../../src/credit/windowed-extreme.ts";

test("the extreme of a window is at least that of its last quarter, and never one that is older than the window", () => {
  for (const kind of ["max", "min"] as const) {
    const rng = seededRng(8);
    const best = kind === "max" ? Math.max : Math.min;
    const window = new WindowedExtreme(kind, 100);
    const samples: { at: number; value: number }[] = [];
    for (let at = 0; at < 5_000; at += rng.next() * 10) {
      const value = Math.floor(rng.next() * 1_000);
      samples.push({ at, value });
      window.record(value, at);
      const within = (age: number): number[] =>
        samples.filter((each) => at - each.at <= age).map((each) => each.value);
      expect(within(110)).toContain(window.value);
      expect(best(window.value as number, ...within(25))).toBe(window.value);
    }
  }
});

test("before anything is known it is the least window", () => {
  const estimator = new WindowEstimator();
  expect(estimator.windowBytes).toBe(INITIAL_CREDIT_BYTES);
  estimator.roundTrip(50, 0);
  expect(estimator.windowBytes).toBe(INITIAL_CREDIT_BYTES);
});

/** A line of one rate and delay with a sender that always has more; every millisecond is simulated. */
function simulate(bytesPerSecond: number, rttMs: number, ms: number, windowMax?: number) {
  const estimator = new WindowEstimator(windowMax ? { maxBytes: windowMax } : {});
  const [sender, receiver] = [new SendCredit(), new ReceiveCredit(estimator)];
  const [arrivals, grants]: [{ atMs: number; bytes: number }[], { atMs: number; limit: number }[]] =
    [[], []];
  let [freeAtMs, delivered, late] = [0, 0, 0];
  for (let nowMs = 0; nowMs < ms; nowMs++) {
    if (nowMs % 100 === 0) estimator.roundTrip(rttMs + Math.max(0, freeAtMs - nowMs), nowMs);
    while (grants[0] && grants[0].atMs <= nowMs) sender.granted(grants.shift()?.limit ?? 0);
    while (arrivals[0] && arrivals[0].atMs <= nowMs) {
      const { bytes } = arrivals.shift() as { bytes: number };
      receiver.received(bytes);
      estimator.delivered(bytes, nowMs);
      const limit = receiver.consumed(bytes);
      if (limit !== undefined) grants.push({ atMs: nowMs + rttMs / 2, limit });
      delivered += bytes;
      if (nowMs >= ms / 2) late += bytes;
    }
    while (sender.tryTake(16_384)) {
      freeAtMs = Math.max(freeAtMs, nowMs) + (16_384 * 1_000) / bytesPerSecond;
      arrivals.push({ atMs: freeAtMs + rttMs / 2, bytes: 16_384 });
    }
  }
  return { estimator, delivered, lateRate: (late * 2_000) / ms };
}

test.each([
  ["8 Mbit/s and 50 ms", 1e6, 50],
  ["8 Mbit/s and 1 ms", 1e6, 1],
  ["100 Mbit/s and 100 ms", 12.5e6, 100],
  ["1 Gbit/s and 20 ms", 125e6, 20],
])(
  "with %s the line is full, and the window one and a half times what it holds, or two chunks more",
  (_, rate, rttMs) => {
    const { estimator, lateRate } = simulate(rate, rttMs, 8_000);
    expect(lateRate).toBeGreaterThan(0.95 * rate);
    const product = (rate * rttMs) / 1_000;
    const room = 2 * CHUNK_BYTES;
    expect(estimator.windowBytes).toBeGreaterThanOrEqual(Math.max(product + room, 1.4 * product));
    expect(estimator.windowBytes).toBeLessThan(Math.max(1.2 * product + room, 1.8 * product));
  },
);

test("at first the window grows fast: a line of 100 Mbit/s and 100 ms is full within ten round trips", () => {
  const { estimator } = simulate(12.5e6, 100, 1_000);
  expect(estimator.windowBytes).toBeGreaterThan(1_250_000);
});

test("the window has an upper bound", () => {
  const { estimator } = simulate(125e6, 100, 3_000, 1_000_000);
  expect(estimator.windowBytes).toBe(1_000_000);
});

test("a queue of its own does not become the least round trip", () => {
  const estimator = new WindowEstimator();
  estimator.roundTrip(50, 0);
  for (let nowMs = 1; nowMs < 9 * 60_000; nowMs += 1_000) estimator.roundTrip(400, nowMs);
  expect(estimator.minRttMs).toBe(50);
});

test("a line that became slower is noticed after ten rounds", () => {
  const estimator = new WindowEstimator();
  estimator.roundTrip(50, 0);
  let nowMs = 0;
  for (; nowMs < 3_000; nowMs += 10) estimator.delivered(100_000, nowMs);
  expect(estimator.bytesPerSecond).toBeCloseTo(1e7, -6);
  for (; nowMs < 5_000; nowMs += 10) estimator.delivered(10_000, nowMs);
  expect(estimator.bytesPerSecond).toBeCloseTo(1e6, -5);
});

test("what is no amount is a ValidationError", () => {
  const estimator = new WindowEstimator();
  expect(() => estimator.roundTrip(Number.NaN, 0)).toThrow(ValidationError);
  expect(() => estimator.roundTrip(1, Number.NaN)).toThrow(ValidationError);
  expect(() => estimator.delivered(-1, 0)).toThrow(ValidationError);
  expect(() => estimator.delivered(1, Number.NaN)).toThrow(ValidationError);
  expect(() => new WindowEstimator({ maxBytes: 0 })).toThrow(ValidationError);
});

test("however near the other end is, the window holds what comes while both event loops turn", () => {
  const { estimator } = simulate(200e6, 0.1, 2_000);
  expect(estimator.windowBytes).toBeGreaterThan(1_000_000);
});
