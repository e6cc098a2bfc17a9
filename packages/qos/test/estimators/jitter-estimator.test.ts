import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { JitterEstimator } from "../../src/estimators/jitter-estimator.ts";

test("one sample has no jitter", () => {
  const jitter = new JitterEstimator();
  jitter.record(80);
  expect(jitter.jitterMs).toBe(0);
});

test("each difference moves it by a sixteenth (RFC 3550 §6.4.1)", () => {
  const jitter = new JitterEstimator();
  for (const rttMs of [100, 132, 100]) jitter.record(rttMs);
  // 0 → 2 → 2 + (32 − 2)/16
  expect(jitter.jitterMs).toBe(3.875);
});

test("round trips that swing evenly are reached, steady ones bring it back to nothing", () => {
  const jitter = new JitterEstimator();
  for (let i = 0; i < 500; i++) jitter.record(i % 2 === 0 ? 100 : 110);
  expect(jitter.jitterMs).toBeCloseTo(10, 6);
  for (let i = 0; i < 500; i++) jitter.record(100);
  expect(jitter.jitterMs).toBeCloseTo(0, 6);
});

test("what is no round trip is a ValidationError", () => {
  for (const rttMs of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    expect(() => new JitterEstimator().record(rttMs)).toThrow(ValidationError);
    expect(() => new JitterEstimator().replace(rttMs)).toThrow(ValidationError);
  }
});
