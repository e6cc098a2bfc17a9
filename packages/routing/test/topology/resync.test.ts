import { seededRng, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import type { LinkStateAdvert } from "../../src/link-state/advert.ts";
import { NetworkTopology } from "../../src/topology/network-topology.ts";

function advert(origin: string, seq: number, more: Partial<LinkStateAdvert> = {}): unknown {
  return { origin, epoch: 1, seq, links: [], capabilities: [], tools: [], load: 0, ...more };
}

/** One side begins; says how many adverts went over. */
function synchronise(one: NetworkTopology, other: NetworkTopology): number {
  const difference = other.compareDigest(JSON.parse(JSON.stringify(one.digest())));
  if (!difference) return 0;
  const { want, send } = one.resynchronise(JSON.parse(JSON.stringify(difference)));
  const answer = other.advertsOf(want);
  for (const each of send) other.applyAdvert(JSON.parse(JSON.stringify(each)));
  for (const each of answer) one.applyAdvert(JSON.parse(JSON.stringify(each)));
  return send.length + answer.length;
}

test("two databases become equal, and only what differs goes over", () => {
  const rng = seededRng(8);
  const clock = new FakeClock();
  const [one, other] = [
    new NetworkTopology("one", { clock }),
    new NetworkTopology("other", { clock }),
  ];
  let differing = 0;
  for (let n = 0; n < 1_000; n++) {
    const seqs =
      rng.next() < 0.97 ? [1, 1] : [Math.floor(rng.next() * 3), Math.floor(rng.next() * 3)];
    if (seqs[0] !== seqs[1]) differing += 1;
    for (const [index, side] of [one, other].entries()) {
      for (let seq = 1; seq <= (seqs[index] ?? 0); seq++) side.applyAdvert(advert(`p${n}`, seq));
    }
  }
  one.localAdvert({ tools: ["mine"] });
  other.localAdvert();
  expect(differing).toBeGreaterThan(10);
  expect(synchronise(one, other)).toBe(differing + 2);
  expect(other.peer("one")?.tools).toEqual(["mine"]);
  expect(one.digest()).toEqual(other.digest());
  const others = (topology: NetworkTopology): unknown =>
    topology.peers().filter(({ peerId }) => peerId.startsWith("p"));
  expect(others(one)).toEqual(others(other));
  expect(synchronise(one, other)).toBe(0);
});

test("a withdrawal that one side missed reaches it; what it forgot by age is not asked for again", async () => {
  const clock = new FakeClock();
  const [one, other] = [
    new NetworkTopology("one", { clock }),
    new NetworkTopology("other", { clock }),
  ];
  for (const side of [one, other]) side.applyAdvert(advert("gone", 1));
  one.applyAdvert(advert("gone", 2, { ttlMs: 0 }));
  synchronise(one, other);
  expect(other.peer("gone")).toBeUndefined();

  one.applyAdvert(advert("quiet", 1));
  await clock.advance(60_000);
  other.applyAdvert(advert("quiet", 1));
  await clock.advance(40_000);
  expect(one.peer("quiet")).toBeUndefined();
  expect(one.resynchronise(other.compareDigest(one.digest())).want).toEqual([]);
  synchronise(one, other);
  expect(one.peer("quiet")).toBeUndefined();
});

test("an advert that is passed on late does not live longer for it", async () => {
  const clock = new FakeClock();
  const [one, other] = [
    new NetworkTopology("one", { clock }),
    new NetworkTopology("other", { clock }),
  ];
  one.applyAdvert(advert("a", 1));
  await clock.advance(80_000);
  synchronise(other, one);
  expect(other.peer("a")).toBeDefined();
  await clock.advance(10_000);
  expect(other.peer("a")).toBeUndefined();
});

test("a digest is about a kilobyte, however large the network", () => {
  const topology = new NetworkTopology("a");
  for (let n = 0; n < 2_000; n++) topology.applyAdvert(advert(`p${n}`, 1));
  expect(topology.digest().buckets).toHaveLength(256);
});

test.each<[what: string, (topology: NetworkTopology) => unknown]>([
  ["a digest that is none", (t) => t.compareDigest("x")],
  ["a digest that is too short", (t) => t.compareDigest({ buckets: [1] })],
  ["a digest with holes", (t) => t.compareDigest({ buckets: new Array(256) })],
  ["a difference that is none", (t) => t.resynchronise(null)],
  ["a bucket that there is not", (t) => t.resynchronise({ buckets: [256], held: [] })],
  ["a summary without a seq", (t) => t.resynchronise({ buckets: [], held: [["a", 1]] })],
  ["a summary that is none", (t) => t.resynchronise({ buckets: [], held: [null] })],
  ["too many summaries", (t) => t.resynchronise({ buckets: [], held: new Array(40_000) })],
  ["origins that are none", (t) => t.advertsOf([1])],
])("%s is a ValidationError", (_, ask) => {
  expect(() => ask(new NetworkTopology("a"))).toThrow(ValidationError);
});

test("nobody is asked for what this node says of itself, unless it is newer than that", () => {
  const topology = new NetworkTopology("a");
  const difference = { buckets: [0], held: [["a", 9, 9] as const, ["b", 1, 1] as const] };
  expect(topology.resynchronise(difference).want).toEqual(["b"]);
});

test("an advert that is asked for many times is given once", () => {
  const topology = new NetworkTopology("a");
  topology.applyAdvert(advert("b", 1));
  topology.localAdvert();
  const origins = topology.advertsOf(["a", "b", "a", "b", "b"]).map(({ origin }) => origin);
  expect(origins).toEqual(["a", "b"]);
});

test("a node whose clock went backwards while it was away hears so from its neighbour, and is heard again", () => {
  const before = new NetworkTopology("a", { epoch: 9 });
  const neighbour = new NetworkTopology("b", { epoch: 1 });
  neighbour.applyAdvert(before.localAdvert());
  const again = new NetworkTopology("a", { epoch: 8 });
  expect(neighbour.applyAdvert(again.localAdvert())).toBe("stale");
  const { want } = again.resynchronise(neighbour.compareDigest(again.digest()));
  expect(want).toEqual(["a"]);
  for (const old of neighbour.advertsOf(want)) expect(again.applyAdvert(old)).toBe("rejected");
  expect(neighbour.applyAdvert(again.localAdvert())).toBe("applied");
});
