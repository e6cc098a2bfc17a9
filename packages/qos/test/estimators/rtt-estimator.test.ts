import { seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { RttEstimator } from "../../src/estimators/rtt-estimator.ts";

test("before any sample the timeout is one second and nothing else is known", () => {
  const rtt = new RttEstimator();
  expect([rtt.rttMs, rtt.rttVarMs, rtt.rtoMs, rtt.samples]).toEqual([
    undefined,
    undefined,
    1_000,
    0,
  ]);
});

test("the first sample is taken whole, with half of it as deviation (RFC 6298, 2.2)", () => {
  const rtt = new RttEstimator();
  rtt.record(800);
  expect([rtt.rttMs, rtt.rttVarMs, rtt.rtoMs]).toEqual([800, 400, 2_400]);
});

test("later samples move both by an eighth and a quarter (RFC 6298, 2.3)", () => {
  const rtt = new RttEstimator();
  rtt.record(100);
  rtt.record(180);
  // RTTVAR = 3/4 · 50 + 1/4 · |100 − 180|; SRTT = 7/8 · 100 + 1/8 · 180
  expect([rtt.rttMs, rtt.rttVarMs, rtt.samples]).toEqual([110, 57.5, 2]);
});

test("the timeout stays between 1 and 60 seconds", () => {
  const rtt = new RttEstimator();
  rtt.record(0);
  expect(rtt.rtoMs).toBe(1_000);
  rtt.record(1e9);
  expect(rtt.rtoMs).toBe(60_000);
});

test("steady samples are reached, and the deviation dies away", () => {
  const rtt = new RttEstimator();
  rtt.record(500);
  for (let i = 0; i < 200; i++) rtt.record(20);
  expect(rtt.rttMs).toBeCloseTo(20, 6);
  expect(rtt.rttVarMs).toBeCloseTo(0, 6);
});

test("the smoothed value never leaves the range of the samples", () => {
  const rng = seededRng(1);
  const rtt = new RttEstimator();
  const smoothed: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    rtt.record(10 + rng.next() * 90);
    smoothed.push(rtt.rttMs ?? Number.NaN);
  }
  expect(smoothed.filter((rttMs) => !(rttMs >= 10 && rttMs <= 100))).toEqual([]);
});

test("a value from elsewhere replaces the smoothed one, and samples go on from there", () => {
  const rtt = new RttEstimator();
  rtt.replace(40);
  expect([rtt.rttMs, rtt.rttVarMs, rtt.samples]).toEqual([40, 20, 0]);
  rtt.record(40);
  expect([rtt.rttMs, rtt.rttVarMs, rtt.samples]).toEqual([40, 15, 1]);
});

test("what is no round trip is a ValidationError", () => {
  for (const rttMs of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    expect(() => new RttEstimator().record(rttMs)).toThrow(ValidationError);
    expect(() => new RttEstimator().replace(rttMs)).toThrow(ValidationError);
  }
});
