import { ConnectionError, RetryPace, seededRng, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

const lost = new ConnectionError("lost");

function pace(clock: FakeClock, random = 0.5): RetryPace {
  const rng = { next: () => random };
  return new RetryPace({ min: 1_000, max: 4_000, resetAfter: 5_000, clock, rng });
}

test("failures in a row are counted, and their delays grow", () => {
  const it = pace(new FakeClock());
  expect(it.attempt).toBe(1);
  const delays = [1, 2, 3, 4].map((count) => {
    expect(it.failed()).toBe(count);
    expect(it.attempt).toBe(count + 1);
    return it.delayMs(lost);
  });
  expect(delays).toEqual([500, 1_000, 2_000, 2_000]);
});

test("only a connection that lasted starts the count anew", async () => {
  const clock = new FakeClock();
  const it = pace(clock);
  it.failed();
  it.opened();
  await clock.advance(4_999);
  expect(it.failed()).toBe(2);
  it.opened();
  await clock.advance(5_000);
  expect(it.failed()).toBe(1);
  // The attempt that failed before it was open has lasted no time.
  await clock.advance(60_000);
  expect(it.failed()).toBe(2);
});

test("whoever says when to come back is obeyed exactly", () => {
  const it = pace(new FakeClock());
  it.failed(4_000);
  const told = new ConnectionError("busy", { details: { retryAfterMs: 12_345 } });
  expect(it.delayMs(told)).toBe(12_345);
});

test("the delays of a row of failures that begins with a spread grow from it, up to the limit", async () => {
  const clock = new FakeClock();
  const it = pace(clock);
  it.failed(1_500);
  expect(it.delayMs(lost)).toBe(750);
  it.failed();
  expect(it.delayMs(lost)).toBe(1_500);
  it.failed();
  expect(it.delayMs(lost)).toBe(2_000);
  it.opened();
  await clock.advance(5_000);
  it.failed();
  expect(it.delayMs(lost)).toBe(500);
});

test("a spread below the first delay changes nothing, nor does one within a row of failures", () => {
  const it = pace(new FakeClock());
  it.failed(10);
  expect(it.delayMs(lost)).toBe(500);
  it.failed(4_000);
  expect(it.delayMs(lost)).toBe(1_000);
});

test("a delay that is none is refused", () => {
  const options = { resetAfter: 0, clock: new FakeClock(), rng: { next: () => 0 } };
  expect(() => new RetryPace({ ...options, min: -1, max: 1 })).toThrow(ValidationError);
  expect(() => new RetryPace({ ...options, min: 1, max: Number.NaN })).toThrow(ValidationError);
});

/** What share of the clients that lost their server at once comes back in the worst 100 ms after the outage. */
function worstShare(outageMs: number, spread: number): number {
  const rng = seededRng(outageMs + 1);
  const clock = new FakeClock();
  const backMs = Array.from({ length: 10_000 }, () => {
    const it = new RetryPace({ min: 1_000, max: 30_000, resetAfter: 5_000, clock, rng });
    let atMs = 0;
    for (let first = true; first || atMs < outageMs; first = false) {
      it.failed(spread);
      atMs += it.delayMs(lost);
    }
    return atMs;
  }).sort((a, b) => a - b);
  let worst = 0;
  for (let from = 0, to = 0; to < backMs.length; to++) {
    while ((backMs[to] as number) - (backMs[from] as number) >= 100) from++;
    worst = Math.max(worst, to - from + 1);
  }
  return worst / backMs.length;
}

test.each([0, 1_000, 3_000, 5_000, 8_000, 15_000, 30_000, 120_000])(
  "10,000 that lose their server for %i ms and spread over 10 s: under 2 %% return in the worst 100 ms",
  (outageMs) => {
    expect(worstShare(outageMs, 10_000)).toBeLessThan(0.02);
  },
);

test("without a spread, an instant restart would meet a herd", () => {
  expect(worstShare(0, 0)).toBeGreaterThan(0.1);
});
