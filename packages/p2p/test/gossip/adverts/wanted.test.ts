import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import type { AdvertVersion } from "../../../src/gossip/adverts/advert-frame.ts";
import { Wanted } from "../../../src/gossip/adverts/wanted.ts";
import type { Neighbour } from "../../../src/gossip/neighbour.ts";

const version = (seq: number): AdvertVersion => ({ epoch: 1, seq });

class Bench {
  readonly clock = new FakeClock();
  readonly here = new Map<string, AdvertVersion>();
  readonly gone = new Set<Neighbour>();
  /** `neighbour origin,origin` for each question. */
  readonly asked: string[] = [];
  readonly wanted = new Wanted({
    clock: this.clock,
    newest: (origin) => this.here.get(origin),
    isLinked: (neighbour) => !this.gone.has(neighbour),
    ask: ({ peerId }, origins) => this.asked.push(`${peerId} ${origins.join()}`),
  });

  neighbour(peerId: string): Neighbour {
    return { peerId, offer: () => true };
  }

  /** The advert came. */
  came(origin: string, seq: number): void {
    this.here.set(origin, version(seq));
    this.wanted.settle(origin);
  }
}

test("a neighbour is asked at once for what is newer there, together", () => {
  const bench = new Bench();
  bench.here.set("old", version(1));
  bench.here.set("same", version(2));
  const held = ["new", "old", "same"].map((origin) => [origin, version(2)] as const);
  bench.wanted.heldBy(bench.neighbour("a"), held);
  expect(bench.asked).toEqual(["a new,old"]);
});

test("others who have it too are asked one after the other, two seconds apart, while it does not come", async () => {
  const bench = new Bench();
  for (const id of ["a", "b", "c"]) bench.wanted.heldBy(bench.neighbour(id), [["x", version(1)]]);
  expect(bench.asked).toEqual(["a x"]);
  await bench.clock.advance(1_999);
  expect(bench.asked).toEqual(["a x"]);
  await bench.clock.advance(1);
  expect(bench.asked).toEqual(["a x", "b x"]);
  bench.came("x", 1);
  await bench.clock.advance(20_000);
  expect(bench.asked).toEqual(["a x", "b x"]);
  expect(bench.clock.pending).toBe(0);
});

test("who says he has what nobody has delays the true one by two seconds, and no more", async () => {
  const bench = new Bench();
  bench.wanted.heldBy(bench.neighbour("liar"), [["x", version(1_000)]]);
  bench.wanted.heldBy(bench.neighbour("honest"), [["x", version(1)]]);
  await bench.clock.advance(2_000);
  expect(bench.asked).toEqual(["liar x", "honest x"]);
});

test("if the link to who was asked ends, another one is asked within a quarter of a second", async () => {
  const bench = new Bench();
  const [a, b] = [bench.neighbour("a"), bench.neighbour("b")];
  for (const neighbour of [a, b]) bench.wanted.heldBy(neighbour, [["x", version(1)]]);
  bench.gone.add(a);
  await bench.clock.advance(250);
  expect(bench.asked).toEqual(["a x", "b x"]);
});

test("with nobody left to ask it is forgotten, until somebody says again that he has it", async () => {
  const bench = new Bench();
  const a = bench.neighbour("a");
  bench.wanted.heldBy(a, [["x", version(1)]]);
  await bench.clock.advance(10_000);
  expect(bench.wanted.size).toBe(0);
  expect(bench.clock.pending).toBe(0);
  bench.wanted.heldBy(a, [["x", version(1)]]);
  expect(bench.asked).toEqual(["a x", "a x"]);
});

test("one neighbour cannot make this peer remember more than some thousands", () => {
  const bench = new Bench();
  const flood = Array.from({ length: 20_000 }, (_, i) => [`x${i}`, version(1)] as const);
  bench.wanted.heldBy(bench.neighbour("a"), flood);
  expect(bench.wanted.size).toBe(8_192);
  bench.wanted.heldBy(bench.neighbour("b"), [["y", version(1)]]);
  expect(bench.asked.at(-1)).toBe("b y");
  bench.wanted.stop();
  expect(bench.clock.pending).toBe(0);
});
