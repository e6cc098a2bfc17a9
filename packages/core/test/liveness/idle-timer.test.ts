import { IdleTimer, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

function start(clock: FakeClock, timeout = 25): { idle: IdleTimer; rings: number[] } {
  const rings: number[] = [];
  const onIdle = (): void => void rings.push(clock.monotonicMs());
  return { idle: new IdleTimer({ clock, timeout, onIdle }), rings };
}

test("it rings once, when the whole time has passed since the last touch", async () => {
  const clock = new FakeClock();
  const { idle, rings } = start(clock);
  await clock.advance(20);
  idle.touch();
  await clock.advance(24);
  expect(rings).toEqual([]);
  await clock.advance(1);
  expect(rings).toEqual([45]);
  idle.touch();
  idle.pause();
  idle.resume();
  await clock.advance(1_000);
  expect(rings).toEqual([45]);
  expect(clock.pending).toBe(0);
});

test("a touch sets no timer", async () => {
  const clock = new FakeClock();
  const { idle } = start(clock);
  for (let i = 0; i < 100; i++) idle.touch();
  expect(clock.pending).toBe(1);
});

test("a pause means nothing, and the time counts anew after it; without one, resume changes nothing", async () => {
  const clock = new FakeClock();
  const { idle, rings } = start(clock);
  idle.pause();
  expect(clock.pending).toBe(0);
  idle.touch();
  await clock.advance(1_000);
  idle.resume();
  idle.resume();
  expect(clock.pending).toBe(1);
  await clock.advance(24);
  idle.resume();
  expect(rings).toEqual([]);
  await clock.advance(1);
  expect(rings).toEqual([1_025]);
});

test("disposed, it leaves no timer, and resuming sets none", () => {
  const clock = new FakeClock();
  const { idle } = start(clock);
  idle.pause();
  idle[Symbol.dispose]();
  idle.resume();
  expect(clock.pending).toBe(0);
});

test("a time-out of Infinity never rings and sets no timer; one that is none is refused", () => {
  const clock = new FakeClock();
  const { idle } = start(clock, Number.POSITIVE_INFINITY);
  idle.pause();
  idle.resume();
  expect(clock.pending).toBe(0);
  for (const timeout of [0, -1, Number.NaN]) {
    expect(() => start(clock, timeout)).toThrow(ValidationError);
  }
});
