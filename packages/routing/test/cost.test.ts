import { seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { isSignificantChange, linkCostUs, MAX_COST_US, wholeCostUs } from "../src/cost.ts";
import type { LinkMetrics } from "../src/link-metrics.ts";

test("the formula, on figures worked out by hand", () => {
  expect(linkCostUs({ rttMs: 2 })).toBe(2_000);
  expect(linkCostUs({ rttMs: 20, jitterMs: 5 })).toBe(16_000);
  expect(linkCostUs({ rttMs: 2, lossRatio: 0.5 })).toBe(4_000);
  expect(linkCostUs({ rttMs: 2, load: 1 })).toBe(4_000);
  expect(linkCostUs({ rttMs: 2, load: 0.3 })).toBe(2_500);
});

test("a link that loses everything costs ten times as much, not infinitely", () => {
  expect(linkCostUs({ rttMs: 2, lossRatio: 1 })).toBe(20_000);
});

test("an unmeasured link counts as one of 100 ms", () => {
  expect(linkCostUs({})).toBe(linkCostUs({ rttMs: 100 }));
});

test("no metric that gets worse makes a link cheaper", () => {
  const rng = seededRng(8);
  const draw = (): Required<LinkMetrics> & { [key: string]: number } => ({
    rttMs: rng.next() * 1_000,
    jitterMs: rng.next() * 300,
    lossRatio: rng.next(),
    load: rng.next(),
    bytesPerSecond: 0,
  });
  for (let round = 0; round < 10_000; round++) {
    const [a, b] = [draw(), draw()];
    const worse = Object.fromEntries(
      Object.keys(a).map((key) => [key, Math.max(a[key] as number, b[key] as number)]),
    );
    expect(linkCostUs(worse)).toBeGreaterThanOrEqual(linkCostUs(a));
  }
});

test("costs are whole numbers that fit 32 bits, and nothing is free", () => {
  expect(wholeCostUs(0)).toBe(1);
  expect(wholeCostUs(-5)).toBe(1);
  expect(wholeCostUs(1.5)).toBe(2);
  expect(wholeCostUs(Number.POSITIVE_INFINITY)).toBe(MAX_COST_US);
  expect(linkCostUs({ rttMs: 1e12 })).toBe(MAX_COST_US);
});

test("a cost function that gives no number is a ValidationError", () => {
  for (const cost of [Number.NaN, undefined, "5", {}]) {
    expect(() => wholeCostUs(cost as never)).toThrow(ValidationError);
  }
});

test("a change counts above both 10 % and 1 ms", () => {
  expect(isSignificantChange(2_000, 2_900)).toBe(false);
  expect(isSignificantChange(2_000, 3_001)).toBe(true);
  expect(isSignificantChange(50_000, 54_000)).toBe(false);
  expect(isSignificantChange(50_000, 44_999)).toBe(true);
});
