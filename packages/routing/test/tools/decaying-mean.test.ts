import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { DecayingMean } from "../../src/tools/decaying-mean.ts";
import { integer } from "../graph/model.ts";

test("it is the mean of what is left of each value, whatever comes, goes and how late it gets", () => {
  const rng = seededRng(11);
  const mean = new DecayingMean(10_000);
  const values: { value: number; atMs: number }[] = [];
  for (let step = 0, nowMs = 0; step < 2_000; step++) {
    nowMs += integer(rng, 100) === 0 ? 1_000_000 : integer(rng, 500);
    if (rng.next() < 0.5) {
      const value = rng.next() < 0.1 ? 5_000 : rng.next();
      values.push({ value, atMs: nowMs });
      mean.add(value, nowMs);
    } else if (values.length > 0) {
      const [gone = { value: 0, atMs: 0 }] = values.splice(integer(rng, values.length), 1);
      mean.remove(gone.value, gone.atMs, nowMs);
    }
    const left = values.map(({ value, atMs }) => value * Math.exp((atMs - nowMs) / 10_000));
    const expected = left.reduce((sum, each) => sum + each, 0) / Math.max(1, left.length);
    expect(mean.mean(nowMs)).toBeCloseTo(expected, 6);
  }
});

test("without values it is 0, and nothing is left of those that were", () => {
  const mean = new DecayingMean(1_000);
  expect(mean.mean(0)).toBe(0);
  mean.add(0.1, 1);
  mean.add(0.2, 3);
  mean.remove(0.1, 1, 7);
  mean.remove(0.2, 3, 11);
  expect(mean.mean(20)).toBe(0);
});
