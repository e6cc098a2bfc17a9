import { ValidationError } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "../../src/shaping/token-bucket.ts";

const kilobyte = { bytesPerSecond: 1_000, burstBytes: 500 } as const;

test("it begins full, and fills with time up to its burst", () => {
  const bucket = new TokenBucket(kilobyte);
  expect(bucket.available(0)).toBe(500);
  expect(bucket.tryTake(400, 0)).toBe(true);
  expect(bucket.tryTake(400, 0)).toBe(false);
  expect(bucket.available(100)).toBe(200);
  expect(bucket.available(1e9)).toBe(500);
});

test("asking changes nothing", () => {
  const bucket = new TokenBucket(kilobyte);
  bucket.take(500, 0);
  for (let i = 0; i < 5; i++) expect(bucket.waitMs(250, 50)).toBe(200);
  expect(bucket.available(50)).toBe(50);
});

test("a message larger than the burst passes when it is full, and those after it pay the debt", () => {
  const bucket = new TokenBucket({ ...kilobyte, nowMs: 0 });
  bucket.take(1, 0);
  expect(bucket.tryTake(2_000, 0)).toBe(false);
  expect(bucket.waitMs(2_000, 0)).toBe(1);
  expect(bucket.tryTake(2_000, 1)).toBe(true);
  expect(bucket.available(1)).toBe(-1_500);
  expect(bucket.waitMs(100, 1)).toBe(1_600);
  expect(bucket.tryTake(100, 1_600)).toBe(false);
  expect(bucket.tryTake(100, 1_601)).toBe(true);
});

test("after the wait it asked for, the message passes", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e10, noNaN: true }),
      fc.integer({ min: 1, max: 1e7 }),
      fc.array(fc.integer({ min: 0, max: 2e7 }), { minLength: 1, maxLength: 20 }),
      (bytesPerSecond, burstBytes, sizes) => {
        const bucket = new TokenBucket({ bytesPerSecond, burstBytes });
        let nowMs = 0;
        for (const bytes of sizes) {
          // Rounding may leave a little to wait for; never more than a few times.
          for (let tries = 0; !bucket.tryTake(bytes, nowMs); tries++) {
            if (tries > 5) throw new Error(`${bytes} bytes still wait at ${nowMs}`);
            nowMs += bucket.waitMs(bytes, nowMs);
          }
        }
      },
    ),
    { seed: 41, numRuns: 300 },
  );
});

test("in any time t it lets at most rate · t + burst pass, a message over the burst aside", () => {
  const step = fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 500, noNaN: true })),
    bytes: fc.integer({ min: 0, max: 5_000 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1, max: 4_000 }),
      fc.array(step, { maxLength: 100 }),
      (bytesPerSecond, burstBytes, steps) => {
        const bucket = new TokenBucket({ bytesPerSecond, burstBytes });
        const passed: { atMs: number; bytes: number }[] = [];
        let nowMs = 0;
        for (const { afterMs, bytes } of steps) {
          nowMs += afterMs;
          if (bucket.tryTake(bytes, nowMs)) passed.push({ atMs: nowMs, bytes });
        }
        for (const [i, first] of passed.entries()) {
          let [sum, largest] = [0, burstBytes];
          for (const { atMs, bytes } of passed.slice(i)) {
            // One that is larger than the burst counts as the burst, until the debt is paid.
            largest = Math.max(largest, bytes);
            sum += bytes;
            const allowed = (bytesPerSecond * (atMs - first.atMs)) / 1_000 + largest;
            expect(sum).toBeLessThanOrEqual(allowed + 1e-6 * (1 + sum));
          }
        }
      },
    ),
    { seed: 42, numRuns: 200 },
  );
});

test("time that stands still or goes backwards gives nothing", () => {
  const bucket = new TokenBucket({ ...kilobyte, nowMs: 1_000 });
  bucket.take(500, 1_000);
  expect(bucket.available(0)).toBe(0);
  expect(bucket.tryTake(1, 500)).toBe(false);
  expect(bucket.available(Number.NaN)).toBe(0);
  expect(bucket.available(1_100)).toBe(100);
  bucket.take(0, 500);
  expect(bucket.available(1_100)).toBe(100);
});

test("another shape counts from now on, and what was taken stays taken", () => {
  const bucket = new TokenBucket(kilobyte);
  bucket.take(700, 0);
  bucket.reshape({ bytesPerSecond: 10_000, burstBytes: 50, nowMs: 100 });
  expect(bucket.available(100)).toBe(-100);
  expect(bucket.available(1_000)).toBe(50);
});

test("amounts that are none are ValidationErrors, and take nothing", () => {
  const bucket = new TokenBucket(kilobyte);
  for (const bytes of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    expect(() => bucket.take(bytes, 0)).toThrow(ValidationError);
  }
  expect(() => bucket.tryTake(Number.NaN, 0)).toThrow(ValidationError);
  expect(() => bucket.tryTake(-1, 0)).toThrow(ValidationError);
  expect(bucket.available(0)).toBe(500);
  expect(() => new TokenBucket({ bytesPerSecond: 0, burstBytes: 1 })).toThrow(ValidationError);
  for (const wrong of [{ burstBytes: Number.NaN }, { nowMs: Number.NaN }, { nowMs: -1 }]) {
    expect(() => new TokenBucket({ ...kilobyte, ...wrong })).toThrow(ValidationError);
  }
  expect(() => bucket.reshape({ bytesPerSecond: 9, burstBytes: 0 })).toThrow(ValidationError);
  expect(bucket.available(0)).toBe(500);
  bucket.take(500, 0);
  expect(bucket.available(100)).toBe(100);
});
