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
    expect(topology.applyAdvert({ origin, epoch: 1, seq: 1, links, ...described })).toBe("applied");
  }
  return topology;
}

test("costs and hops equal those of Floyd and Warshall on 500 random graphs", () => {
  const rng = seededRng(3);
  let reached = 0;
  for (let round = 0; round < 500; round++) {
    const table = randomTable(rng);
    const [forwards, backwards] = [topologyOf(table), topologyOf(table, true)];
    const best = allPairs(table);
    for (const id of table.keys()) {
      const route = forwards.findRoute(id);
      expect(backwards.findRoute(id)?.path).toEqual(route?.path);
      const { costUs, hops } = best("n0", id);
      if (costUs === Number.POSITIVE_INFINITY) expect(route).toBeUndefined();
      else expect(route).toMatchObject({ costUs, hops });
      if (!route) continue;
      reached += 1;
      const arcs = route.path
        .slice(1)
        .map((to, i) => table.get(route.path[i] ?? "")?.get(to)?.costUs ?? NaN);
      expect(arcs.reduce((sum, arcUs) => sum + arcUs, 0)).toBe(costUs);
      expect(new Set(route.path).size).toBe(route.path.length);
    }
  }
  expect(reached).toBeGreaterThan(2_000);
});
