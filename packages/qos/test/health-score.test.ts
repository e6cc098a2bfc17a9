import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { healthScore } from "../src/health-score.ts";

test.each([
  [{ rttMs: 1, jitterMs: 0, lossRatio: 0 }, 100],
  [{ rttMs: 50, jitterMs: 10, lossRatio: 0.005 }, 86.5],
  [{ rttMs: 200, jitterMs: 50, lossRatio: 0.02 }, 54.4],
  [{ rttMs: 1_000, jitterMs: 200, lossRatio: 0.1 }, 16.1],
])("%o scores %d", (input, score) => {
  expect(healthScore(input)).toBeCloseTo(score, 1);
});

test("it never rises with latency, jitter or loss, on a million random pairs", () => {
  const rng = seededRng(3);
  // Small, common and huge values alike: 10⁻³ to 10⁷.
  const draw = (): number => (rng.next() < 0.05 ? 0 : 10 ** (rng.next() * 10 - 3));
  let violations = 0;
  for (let round = 0; round < 1_000_000; round++) {
    const one = { rttMs: draw(), jitterMs: draw(), lossRatio: rng.next() };
    const worse = {
      rttMs: Math.max(one.rttMs, draw()),
      jitterMs: Math.max(one.jitterMs, draw()),
      lossRatio: Math.max(one.lossRatio, rng.next()),
    };
    if (healthScore(worse) > healthScore(one)) violations += 1;
  }
  expect(violations).toBe(0);
});

test("it stays between 0 and 100, at the extremes too", () => {
  expect(healthScore({})).toBe(100);
  expect(healthScore({ rttMs: Number.MAX_VALUE })).toBeCloseTo(0);
  expect(healthScore({ rttMs: Number.MAX_VALUE, jitterMs: Number.MAX_VALUE, lossRatio: 1 })).toBe(
    0,
  );
  expect(healthScore({ lossRatio: 1 })).toBe(0);
});
