import { seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { LOSS_WINDOW, LossWindow } from "../../src/estimators/loss-window.ts";

test("without a probe there is no loss", () => {
  expect(new LossWindow().lossRatio).toBe(0);
});

test("the ratio is that of the last hundred probes, on random sequences", () => {
  const rng = seededRng(2);
  const window = new LossWindow();
  const outcomes: boolean[] = [];
  for (let i = 0; i < 5_000; i++) {
    const lost = rng.next() < (i % 1_000) / 1_000;
    window.record(lost);
    outcomes.push(lost);
    const last = outcomes.slice(-LOSS_WINDOW);
    expect(window.lossRatio).toBe(last.filter(Boolean).length / last.length);
    expect(window.size).toBe(last.length);
  }
});

test("a ratio from elsewhere holds until the next probe is counted", () => {
  const window = new LossWindow();
  window.record(false);
  window.replace(0.25);
  expect(window.lossRatio).toBe(0.25);
  window.record(true);
  expect(window.lossRatio).toBe(0.5);
});

test("what is no fate, and no ratio, is a ValidationError and counts nothing", () => {
  const window = new LossWindow();
  window.record(true);
  expect(() => window.record("no" as never)).toThrow(ValidationError);
  for (const ratio of [Number.NaN, -0.1, 1.1]) {
    expect(() => window.replace(ratio)).toThrow(ValidationError);
  }
  expect([window.lossRatio, window.size]).toEqual([1, 1]);
});
