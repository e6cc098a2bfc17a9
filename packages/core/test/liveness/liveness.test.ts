import { Liveness } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

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

test("while signs of life come, it holds one timer", async () => {
  const clock = new FakeClock();
  const { liveness } = watch(clock);
  for (let i = 0; i < 5; i++) {
    await clock.advance(10);
    liveness.heard();
    expect(clock.pending).toBe(1);
  }
});

test("disposed, it leaves no timer", () => {
  const clock = new FakeClock();
  const { liveness } = watch(clock);
  liveness[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});

test("timers that come late have asked nothing, so there is one question more before it minds", async () => {
  const late = new FakeClock();
  let ahead = 0;
  // Time runs on while the timers sleep, as on a machine that is suspended.
  const clock = {
    nowMs: () => late.nowMs() + ahead,
    monotonicMs: () => late.monotonicMs() + ahead,
    setTimeout: late.setTimeout.bind(late),
    setInterval: late.setInterval.bind(late),
  };
  let asked = 0;
  const silences: number[] = [];
  using liveness = new Liveness({
    clock,
    period: 10,
    timeout: 25,
    ask: () => asked++,
    onSilence: () => silences.push(clock.monotonicMs()),
  });
  await late.advance(24);
  liveness.heard();
  asked = 0;
  ahead = 1_000;
  await late.advance(1);
  expect([asked, silences]).toEqual([1, []]);
  liveness.heard();
  await late.advance(14);
  expect(silences).toEqual([]);
  await late.advance(100);
  expect(silences).toHaveLength(1);
});

test("a time-out below the period counts alone", async () => {
  const clock = new FakeClock();
  const silences: number[] = [];
  const onSilence = (): void => void silences.push(clock.monotonicMs());
  using _liveness = new Liveness({ clock, period: 100, timeout: 25, ask: () => {}, onSilence });
  await clock.advance(25);
  expect(silences).toEqual([25]);
});
