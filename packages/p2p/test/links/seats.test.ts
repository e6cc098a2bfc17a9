import { expect, test } from "vitest";
import { Seats } from "../../src/links/seats.ts";

test("a peer that dials though it is linked is refused, and the link is doubted", () => {
  const doubted: string[] = [];
  const seats = new Seats({
    ...{ peerId: "a", maxPeers: 2, linkCount: () => 1 },
    isLinked: (peerId) => peerId === "b",
    onDialledAnew: (peerId) => doubted.push(peerId),
  });
  expect(() => seats.confirm("b")).toThrow("already");
  seats.confirm("c");

  expect(doubted).toEqual(["b"]);
});

test("while a peer is dialled by the one with the smaller id, its own dial loses", () => {
  const seats = (peerId: string): Seats =>
    new Seats({ ...{ peerId, maxPeers: 2, linkCount: () => 0 }, isLinked: () => false });
  const [small, large] = [seats("a"), seats("b")];
  using _a = small.claim("b");
  using _b = large.claim("a");

  expect(() => small.confirm("b")).toThrow("at the same time");
  expect(() => large.confirm("a")).not.toThrow();
});
