import { systemClock } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test, vi } from "vitest";

test("the system clock rings once, or again and again, until cancelled", async () => {
  const once = Promise.withResolvers<void>();
  systemClock.setTimeout(once.resolve, 1);
  await once.promise;

  let rings = 0;
  const thrice = Promise.withResolvers<void>();
  const timer = systemClock.setInterval(() => ++rings === 3 && thrice.resolve(), 1);
  await thrice.promise;
  timer.cancel();
  timer.cancel();
  expect(rings).toBe(3);
});

test("a cancelled or disposed timer does not ring", async () => {
  const ring = vi.fn();
  systemClock.setTimeout(ring, 0).cancel();
  {
    using _timer = systemClock.setTimeout(ring, 0);
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(ring).not.toHaveBeenCalled();
});

test("a delay longer than a platform timer holds does not ring at once, in no piece of it", () => {
  vi.useFakeTimers();
  try {
    const ring = vi.fn();
    const days = 24 * 3_600_000;
    systemClock.setTimeout(ring, 60 * days);
    vi.advanceTimersByTime(60 * days - 1);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

test("the fake clock rings in order of time, then of setting, and tells the time of each", async () => {
  const clock = new FakeClock();
  const rung: [string, number][] = [];
  const ring = (name: string) => () => rung.push([name, clock.monotonicMs()]);
  clock.setTimeout(ring("b"), 20);
  clock.setTimeout(ring("c"), 20);
  clock.setTimeout(ring("a"), 10);
  const every = clock.setInterval(ring("i"), 8);
  await clock.advance(20);
  every.cancel();
  await clock.advance(100);

  expect(rung).toEqual([
    ["i", 8],
    ["a", 10],
    ["i", 16],
    ["b", 20],
    ["c", 20],
  ]);
  expect(clock.pending).toBe(0);
});

test("what a timer starts is seen by the next one", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.setTimeout(() => void Promise.resolve().then(() => seen.push("job")), 1);
  clock.setTimeout(() => seen.push("timer"), 2);
  await clock.advance(5);

  expect(seen).toEqual(["job", "timer"]);
  expect(clock.nowMs()).toBe(Date.UTC(2026, 0, 1) + 5);
});
