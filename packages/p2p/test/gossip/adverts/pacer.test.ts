import type { Clock } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Pacer } from "../../../src/gossip/adverts/pacer.ts";

function bench(clock: Clock = new FakeClock()) {
  const ran: number[] = [];
  const pacer = new Pacer(clock, 100, () => ran.push(clock.monotonicMs()));
  return { ran, pacer };
}

test("it runs at once, and then once for all that was asked meanwhile", async () => {
  const clock = new FakeClock();
  const { ran, pacer } = bench(clock);
  for (let i = 0; i < 3; i++) pacer.soon();
  await clock.advance(1_000);
  expect(ran).toEqual([0, 100]);
});

test("the earlier of two times counts", async () => {
  const clock = new FakeClock();
  const { ran, pacer } = bench(clock);
  pacer.after(250);
  pacer.after(400);
  pacer.after(50);
  await clock.advance(1_000);
  expect(ran).toEqual([50]);
});

test("while timers ring late it runs less often, but at least twice a second", async () => {
  const clock = new FakeClock();
  let lateMs = 150;
  const late: Clock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    setInterval: (callback, period) => clock.setInterval(callback, period),
    setTimeout: (callback, delay) => clock.setTimeout(callback, delay + lateMs),
  };
  const { ran, pacer } = bench(late);
  for (let i = 0; i < 2; i++) pacer.soon();
  await clock.advance(250);
  expect(ran).toEqual([0, 250]);
  pacer.soon();
  await clock.advance(450);
  expect(ran).toEqual([0, 250, 700]);
  lateMs = 5_000;
  pacer.soon();
  await clock.advance(5_300);
  expect(ran).toEqual([0, 250, 700, 6_000]);
  lateMs = 0;
  pacer.soon();
  await clock.advance(500);
  expect(ran.at(-1)).toBe(6_500);
});

test("what was stopped runs no more", async () => {
  const clock = new FakeClock();
  const { ran, pacer } = bench(clock);
  pacer.after(50);
  pacer.stop();
  await clock.advance(1_000);
  expect(ran).toEqual([]);
  expect(clock.pending).toBe(0);
});
