import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Liveness } from "../../src/client/liveness.ts";

function watch(clock: FakeClock): { liveness: Liveness; asked: number[]; silences: number[] } {
  const asked: number[] = [];
  const silences: number[] = [];
  const liveness = new Liveness({
    clock,
    period: 10,
    timeout: 25,
    ask: () => asked.push(clock.monotonicMs()),
    onSilence: () => silences.push(clock.monotonicMs()),
  });
  return { liveness, asked, silences };
}

test("it asks every period, and minds when nothing is heard for the whole time-out", async () => {
  const clock = new FakeClock();
  const { asked, silences } = watch(clock);
  await clock.advance(25);
  expect(asked).toEqual([10, 20]);
  expect(silences).toEqual([25]);
});

test("a sign of life counts from the moment it came", async () => {
  const clock = new FakeClock();
  const { liveness, silences } = watch(clock);
  await clock.advance(20);
  liveness.heard();
  await clock.advance(24);
  expect(silences).toEqual([]);
  await clock.advance(1);
  expect(silences).toEqual([45]);
});

test("a pause means nothing, and the time starts anew after it", async () => {
  const clock = new FakeClock();
  const { liveness, silences } = watch(clock);
  liveness.pause();
  await clock.advance(1_000);
  liveness.resume();
  await clock.advance(24);
  expect(silences).toEqual([]);
  await clock.advance(1);
  expect(silences).toEqual([1_025]);
});

test("disposed, it leaves no timer", () => {
  const clock = new FakeClock();
  const { liveness } = watch(clock);
  liveness[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});
