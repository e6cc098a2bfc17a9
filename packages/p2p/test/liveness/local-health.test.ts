import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { LocalHealth } from "../../src/liveness/local-health.ts";
import { SimulatedHost } from "./support/simulated-host.ts";

class Bench implements Disposable {
  readonly clock = new FakeClock();
  readonly host = new SimulatedHost(this.clock);
  readonly health = new LocalHealth({ clock: this.host, wakeAfter: 7_500 });
  readonly wakes: number[] = [];

  constructor() {
    this.health.on("wake", (asleepMs) => this.wakes.push(asleepMs));
  }

  async block(ms: number): Promise<void> {
    this.host.stop();
    await this.clock.advance(ms);
    this.host.resume();
    await this.clock.advance(1);
  }

  [Symbol.dispose](): void {
    this.health[Symbol.dispose]();
  }
}

test("a process that runs on time has no lag, takes others at their word, and counts all time", async () => {
  using bench = new Bench();
  await bench.clock.advance(60_000);
  expect(bench.health).toMatchObject({ multiplier: 1, loopLagMs: 0 });
  expect(bench.health.attentiveMs()).toBe(60_000);
  expect(bench.wakes).toEqual([]);
});

test("time in which it did not run does not count, whoever asks first", async () => {
  using bench = new Bench();
  await bench.clock.advance(10_000);
  const beforeMs = bench.health.attentiveMs();
  bench.host.stop();
  await bench.clock.advance(5_000);
  bench.host.resume();
  expect(bench.health.attentiveMs() - beforeMs).toBeLessThanOrEqual(500);
  await bench.clock.advance(1_000);
  expect(bench.health.attentiveMs() - beforeMs).toBeLessThanOrEqual(1_500);
  expect(bench.health.attentiveMs() - beforeMs).toBeGreaterThanOrEqual(1_000);
});

test("attentive time never goes back, also when what seemed a little late turns out to be a stall", async () => {
  using bench = new Bench();
  bench.host.stop();
  const seen: number[] = [];
  for (let round = 0; round < 100; round++) {
    await bench.clock.advance(17);
    seen.push(bench.health.attentiveMs());
  }
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBeLessThan(1_700);
});

test("a blocked event loop is told for two seconds, and makes it patient with others, at most fourfold", async () => {
  using bench = new Bench();
  await bench.block(3_000);
  expect(bench.health.loopLagMs).toBe(2_500);
  expect(bench.health.multiplier).toBe(3);
  for (let round = 0; round < 10; round++) await bench.block(1_200);
  expect(bench.health.multiplier).toBe(4);
  await bench.clock.advance(2_500);
  expect(bench.health.loopLagMs).toBe(0);
  await bench.clock.advance(3_000);
  expect(bench.health.multiplier).toBe(1);
  expect(bench.wakes).toEqual([]);
});

test("a sleep is noticed, whether the monotonic clock went on or stood still, and is no slowness", async () => {
  for (const monotonic of ["goes on", "stands still"] as const) {
    using bench = new Bench();
    await bench.clock.advance(10_000);
    bench.host.suspend(monotonic);
    await bench.clock.advance(60_000);
    bench.host.resume();
    await bench.clock.advance(500);
    expect(bench.wakes).toHaveLength(1);
    expect(bench.wakes[0]).toBeGreaterThan(59_000);
    expect(bench.health.multiplier).toBe(1);
  }
});

test("a wall clock that is set back is no sleep", async () => {
  using bench = new Bench();
  bench.host.wallErrorMs = -3_600_000;
  await bench.clock.advance(10_000);
  expect(bench.wakes).toEqual([]);
});

test("once disposed of, it looks no more", async () => {
  const { clock, health } = new Bench();
  health[Symbol.dispose]();
  health[Symbol.dispose]();
  await clock.advance(1_000);
  expect(clock.pending).toBe(0);
});
