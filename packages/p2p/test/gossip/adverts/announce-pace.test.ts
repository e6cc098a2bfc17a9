import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { AnnouncePace, type Urgency } from "../../../src/gossip/adverts/announce-pace.ts";

class Bench {
  readonly clock = new FakeClock();
  peers = 1;
  readonly told: number[] = [];
  readonly #startMs = this.clock.monotonicMs();
  /** What there is to tell by now. */
  news: Urgency | undefined = "now";
  readonly pace: AnnouncePace = new AnnouncePace({
    clock: this.clock,
    news: () => this.news,
    announce: () => {
      this.told.push(this.clock.monotonicMs() - this.#startMs);
      this.pace.made();
    },
    peers: () => this.peers,
  });

  async after(urgency: Urgency, ms: number): Promise<readonly number[]> {
    this.pace.request(urgency);
    await this.clock.advance(ms);
    return this.told;
  }
}

test.each([
  ["now", 1, 0],
  ["now", 200, 0],
  ["soon", 1, 50],
  ["soon", 20, 200],
  ["soon", 5_000, 2_000],
  ["later", 1, 50],
  ["later", 20, 1_000],
  ["later", 5_000, 10_000],
] as const)("what is to be told %s in a network of %i waits %i ms", async (urgency, peers, ms) => {
  const bench = new Bench();
  bench.peers = peers;
  expect(await bench.after(urgency, 20_000)).toEqual([ms]);
});

test("costs are told ten seconds after the last announcement at the earliest", async () => {
  const bench = new Bench();
  await bench.after("now", 1_000);
  expect(await bench.after("seldom", 20_000)).toEqual([0, 10_000]);
});

test("what is not pressing does not make what is wait", async () => {
  const bench = new Bench();
  for (let i = 0; i < 20; i++) await bench.after("later", 100);
  const before = bench.told.length;
  bench.pace.request("now");
  await bench.clock.advance(1);
  expect(bench.told).toHaveLength(before + 1);
});

test("one announcement says all: nothing more is told of what waited", async () => {
  const bench = new Bench();
  bench.pace.request("later");
  expect(await bench.after("now", 20_000)).toEqual([0]);
});

test("who learns meanwhile that the network is large waits longer", async () => {
  const bench = new Bench();
  bench.pace.request("soon");
  bench.peers = 100;
  await bench.clock.advance(999);
  expect(bench.told).toEqual([]);
  await bench.clock.advance(1);
  expect(bench.told).toEqual([1_000]);
});

test("a peer that still gets links tells of those that make little difference together, but not for ever", async () => {
  const bench = new Bench();
  bench.peers = 20;
  const gap = 1_000;
  for (let ms = 0; ms < 10 * gap; ms += 100) await bench.after("later", 100);
  expect(bench.told).toEqual([2 * gap, 4 * gap, 6 * gap, 8 * gap, 10 * gap]);
});

test("what has become less urgent while it waited waits on as what it is", async () => {
  const bench = new Bench();
  bench.peers = 20;
  bench.pace.request("soon");
  bench.news = "later";
  await bench.clock.advance(20_000);
  expect(bench.told).toEqual([200 + 1_000]);
});

test("what is not news any more is not told", async () => {
  const bench = new Bench();
  bench.pace.request("soon");
  bench.news = undefined;
  await bench.clock.advance(20_000);
  expect(bench.told).toEqual([]);
  expect(bench.clock.pending).toBe(0);
});

test("once stopped, nothing is told, and no timer is left", async () => {
  const bench = new Bench();
  bench.pace.request("soon");
  bench.pace.stop();
  expect(await bench.after("now", 10_000)).toEqual([]);
  expect(bench.clock.pending).toBe(0);
});
