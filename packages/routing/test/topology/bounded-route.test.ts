import { ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { NetworkTopology } from "../../src/topology/network-topology.ts";

/** A cheap chain a-b-c-d-e, and dear short cuts a-d and a-e. */
function chain(): NetworkTopology {
  const topology = new NetworkTopology("a", {
    clock: new FakeClock(),
    cost: ({ rttMs = 0 }) => rttMs,
  });
  topology.observeLink("b", { rttMs: 1 });
  topology.observeLink("d", { rttMs: 50 });
  topology.observeLink("e", { rttMs: 100 });
  const links = {
    b: { a: 1, c: 1 },
    c: { b: 1, d: 1 },
    d: { c: 1, e: 1, a: 50 },
    e: { d: 1, a: 100 },
  };
  for (const [origin, costs] of Object.entries(links)) {
    topology.applyAdvert({
      ...{
        origin,
        epoch: 1,
        seq: 1,
        capabilities: [],
        tools: [],
        labels: [],
        load: 0,
        relay: true,
      },
      links: Object.entries(costs).map(([peer, costUs]) => ({ peer, costUs })),
    });
  }
  return topology;
}

test.each([
  [undefined, "abcde", 4],
  [4, "abcde", 4],
  [3, "ade", 51],
  [2, "ade", 51],
  [1, "ae", 100],
] as const)(
  "with at most %s links the way is the cheapest that has not more",
  (maxHops, path, costUs) => {
    expect(chain().findRoute("e", { maxHops })).toMatchObject({ path: [...path], costUs });
  },
);

test("who is too far away for all ways has none", () => {
  expect(chain().findRoute("c", { maxHops: 1 })).toBeUndefined();
  expect(chain().findRoute("nobody", { maxHops: 1 })).toBeUndefined();
});

test("it goes around what it must avoid, and does not lead over who does not relay", () => {
  expect(chain().findRoute("e", { maxHops: 3, avoid: ["d"] })?.path).toEqual(["a", "e"]);
  const topology = chain();
  topology.applyAdvert({
    ...{
      origin: "d",
      epoch: 1,
      seq: 2,
      capabilities: [],
      tools: [],
      labels: [],
      load: 0,
      relay: false,
    },
    links: [
      { peer: "a", costUs: 50 },
      { peer: "e", costUs: 1 },
    ],
  });
  expect(topology.findRoute("e", { maxHops: 3 })?.path).toEqual(["a", "e"]);
});

test("a limit that is none is a ValidationError", () => {
  for (const maxHops of [0, -1, 0.5, Number.NaN]) {
    expect(() => chain().findRoute("e", { maxHops })).toThrow(ValidationError);
  }
});
