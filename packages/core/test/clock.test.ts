import { type Clock, deadline, sleep, systemClock, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { describe, expect, test, vi } from "vitest";

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

test("a period longer than a platform timer holds is kept, again and again, until cancelled", () => {
  vi.useFakeTimers();
  try {
    const ring = vi.fn();
    const days = 24 * 3_600_000;
    const timer = systemClock.setInterval(ring, 30 * days);
    vi.advanceTimersByTime(30 * days - 1);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(30 * days + 1);
    expect(ring).toHaveBeenCalledTimes(2);
    timer.cancel();
    vi.advanceTimersByTime(90 * days);
    expect(ring).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

describe.each<[string, () => Clock]>([
  ["the system clock", () => systemClock],
  ["the fake clock", () => new FakeClock()],
])("%s", (_name, make) => {
  test("a delay that is no number is a ValidationError", async () => {
    const clock = make();
    expect(() => clock.setTimeout(() => {}, Number.NaN)).toThrow(ValidationError);
    expect(() => clock.setInterval(() => {}, Number.NaN)).toThrow(ValidationError);
    await expect(sleep(Number.NaN, { clock })).rejects.toThrow(ValidationError);
  });

  test("an infinite delay never rings, nor does it warn", async () => {
    const clock = make();
    const ring = vi.fn();
    const timers = [
      clock.setTimeout(ring, Number.POSITIVE_INFINITY),
      clock.setInterval(ring, Number.POSITIVE_INFINITY),
    ];
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const timer of timers) timer.cancel();

    expect(ring).not.toHaveBeenCalled();
  });

  test("a deadline of more than any timer holds is far away", () => {
    using limit = deadline(Number.MAX_VALUE, undefined, { clock: make() });

    expect(limit.signal.aborted).toBe(false);
    expect(limit.remainingMs()).toBe(Number.MAX_VALUE);
  });
});

test("a delay that has passed already rings as soon as possible", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  systemClock.setTimeout(resolve, -5);
  await promise;

  const clock = new FakeClock();
  const ring = vi.fn();
  clock.setTimeout(ring, -5);
  await clock.advance(0);
  expect(ring).toHaveBeenCalledOnce();
});

test("the fake clock does not move backwards, nor by what is no time", async () => {
  const clock = new FakeClock();
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await expect(clock.advance(ms)).rejects.toThrow(ValidationError);
  }
  await clock.advance(100);
  expect(clock.monotonicMs()).toBe(100);
});

test("the fake clock refuses to be moved by two at once, and stays usable", async () => {
  const clock = new FakeClock();
  const first = clock.advance(100);
  await expect(clock.advance(10)).rejects.toMatchObject({ code: "INVALID_STATE" });
  await first;
  await clock.advance(1);
  expect(clock.monotonicMs()).toBe(101);
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
