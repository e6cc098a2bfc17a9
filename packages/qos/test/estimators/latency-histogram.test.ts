import { createHistogram } from "node:perf_hooks";
import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { LatencyHistogram } from "../../src/estimators/latency-histogram.ts";

test("percentiles are right to 1 %", () => {
  const histogram = new LatencyHistogram(createHistogram);
  for (let ms = 1; ms <= 1_000; ms++) histogram.record(ms);
  for (const percent of [50, 90, 99, 100]) {
    const exact = percent * 10;
    expect(Math.abs((histogram.percentileMs(percent) ?? 0) / exact - 1)).toBeLessThan(0.01);
  }
  expect(histogram.count).toBe(1_000);
  expect(histogram.minMs).toBeCloseTo(1, 2);
  expect(Math.abs((histogram.maxMs ?? 0) / 1_000 - 1)).toBeLessThan(0.01);
  expect(Math.abs((histogram.meanMs ?? 0) / 500.5 - 1)).toBeLessThan(0.01);
});

test("nothing is known before the first record, nor after a reset", () => {
  const histogram = new LatencyHistogram(createHistogram);
  const known = (): unknown[] => [
    histogram.minMs,
    histogram.maxMs,
    histogram.meanMs,
    histogram.percentileMs(50),
  ];
  expect(known()).toEqual([undefined, undefined, undefined, undefined]);
  histogram.record(5);
  expect(known()).not.toContain(undefined);
  histogram.reset();
  expect(known()).toEqual([undefined, undefined, undefined, undefined]);
});

test("what is no latency and no percentage is a ValidationError", () => {
  const histogram = new LatencyHistogram(createHistogram);
  expect(() => histogram.record(Number.NaN)).toThrow(ValidationError);
  for (const percent of [0, 101, Number.NaN]) {
    expect(() => histogram.percentileMs(percent)).toThrow(ValidationError);
  }
  expect(histogram.count).toBe(0);
});

test("a latency of 0, and one of an hour, are counted at the ends of what it can say", () => {
  const histogram = new LatencyHistogram(createHistogram);
  histogram.record(0);
  histogram.record(3_600_000);
  expect(histogram.count).toBe(2);
  expect(histogram.minMs).toBeCloseTo(0.001);
  expect(histogram.maxMs).toBeGreaterThan(98_000);
  expect(histogram.maxMs).toBeLessThan(102_000);
});
