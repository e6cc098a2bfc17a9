import { seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { NetworkTopology } from "../src/topology/network-topology.ts";
import { allPairs } from "./floyd-warshall.ts";
import { type LinkTable, randomTable } from "./graphs.ts";

/** The first node of the table, after it has heard the adverts of all others, in one order or the other. */
function topologyOf(table: LinkTable, backwards = false): NetworkTopology {
  const [self = "", ...others] = table.keys();
  const topology = new NetworkTopology(self, {
    clock: new FakeClock(),
    cost: ({ rttMs = 1 }) => rttMs,
  });
  for (const [peer, { costUs }] of table.get(self) ?? [])
    topology.observeLink(peer, { rttMs: costUs });
  for (const origin of backwards ? others.reverse() : others) {
    const links = Array.from(table.get(origin) ?? [], ([peer, { costUs }]) => ({ peer, costUs }));
    const described = { capabilities: [], tools: [], load: 0 };
    const outcome = topology.applyAdvert({ origin, epoch: 1, seq: 1, links, ...described });
    if (outcome !== "applied") throw new Error(`the advert of ${origin} was ${outcome}`);
  }
  return topology;
}

/** What the links of a path cost one by one; NaN for one that there is not. */
function arcCosts(table: LinkTable, path: readonly string[]): number[] {
  return path.slice(1).map((to, i) => table.get(path[i] ?? "")?.get(to)?.costUs ?? Number.NaN);
}

// All ways of a graph are compared at once: so many single comparisons would take longer than all else.
test("costs and hops equal those of Floyd and Warshall on 500 random graphs", () => {
  const rng = seededRng(3);
  let reached = 0;
  for (let round = 0; round < 500; round++) {
    const table = randomTable(rng);
    const ids = [...table.keys()];
    const [forwards, backwards] = [topologyOf(table), topologyOf(table, true)];
    const best = allPairs(table);
    const routes = ids.map((id) => forwards.findRoute(id));
    expect(ids.map((id) => backwards.findRoute(id)?.path)).toEqual(routes.map((it) => it?.path));
    const costs = routes.map((it) => it?.costUs ?? Number.POSITIVE_INFINITY);
    expect(costs).toEqual(ids.map((id) => best("n0", id).costUs));
    const ways = routes.filter((route) => route !== undefined);
    const wanted = ways.map(({ path }) => best("n0", path.at(-1) ?? ""));
    expect(ways.map(({ hops }) => hops)).toEqual(wanted.map(({ hops }) => hops));
    const sums = ways.map(({ path }) => arcCosts(table, path).reduce((sum, us) => sum + us, 0));
    expect(sums).toEqual(wanted.map(({ costUs }) => costUs));
    expect(ways.filter(({ path }) => new Set(path).size < path.length)).toEqual([]);
    reached += ways.length;
  }
  expect(reached).toBeGreaterThan(2_000);
});
