import { ValidationError } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ThroughputMeter } from "../../src/estimators/throughput-meter.ts";

test("nothing is known before the first bytes, and 0 a second after the last", () => {
  const meter = new ThroughputMeter();
  expect(meter.bytesPerSecond(0)).toBeUndefined();
  meter.record(1_000, 500);
  expect(meter.bytesPerSecond(1_000)).toBe(2_000);
  expect(meter.bytesPerSecond(1_600)).toBe(0);
  expect(meter.bytesPerSecond(1e9)).toBe(0);
});

test("the first bytes are not taken for an endless rate", () => {
  const meter = new ThroughputMeter();
  meter.record(1_000, 12_345);
  expect(meter.bytesPerSecond(12_345)).toBe(10_000);
});

test("a steady rate is what it says, wherever it is asked", () => {
  const meter = new ThroughputMeter();
  for (let nowMs = 7; nowMs < 5_000; nowMs += 3) {
    meter.record(300, nowMs);
    if (nowMs > 1_000) expect(meter.bytesPerSecond(nowMs) ?? 0).toBeCloseTo(100_000, -3.5);
  }
});

test("it is what came in the last second, to a tenth of it, by the time that covers", () => {
  const arrivals = fc.array(fc.record({ gapMs: fc.nat(400), bytes: fc.nat(10_000) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(arrivals, (records) => {
      const meter = new ThroughputMeter();
      const all: { atMs: number; bytes: number }[] = [];
      let nowMs = 3_000;
      for (const { gapMs, bytes } of records) {
        nowMs += gapMs;
        meter.record(bytes, nowMs);
        all.push({ atMs: nowMs, bytes });
        const fromMs = (Math.floor(nowMs / 100) - 9) * 100;
        const sum = all.reduce((total, each) => total + (each.atMs >= fromMs ? each.bytes : 0), 0);
        const elapsedMs = Math.max(100, nowMs - Math.max(fromMs, all[0]?.atMs ?? 0));
        expect(meter.bytesPerSecond(nowMs)).toBeCloseTo((sum * 1_000) / elapsedMs, 6);
      }
    }),
    { seed: 48, numRuns: 100 },
  );
});

test("a clock that jumps back stands still", () => {
  const meter = new ThroughputMeter();
  meter.record(1_000, 1_000);
  meter.record(1_000, 10);
  expect(meter.bytesPerSecond(1_050)).toBe(20_000);
});

test("what is no amount, or no moment, is a ValidationError and counts nothing", () => {
  const meter = new ThroughputMeter();
  for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    expect(() => meter.record(wrong, 0)).toThrow(ValidationError);
    expect(() => meter.record(1, wrong)).toThrow(ValidationError);
  }
  expect(meter.bytesPerSecond(0)).toBeUndefined();
});
