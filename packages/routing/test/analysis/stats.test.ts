import { seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import type { NetworkStats } from "../../src/analysis/stats.ts";
import { Figures } from "../../src/topology/figures.ts";
import { Routes } from "../../src/topology/routes.ts";
import { allPairs } from "../floyd-warshall.ts";
import {
  idsOf,
  integer,
  type LinkTable,
  line,
  randomTable,
  ring,
  star,
  tableOf,
} from "../graphs.ts";

interface View {
  /** Default: the first. */
  readonly self?: string;
  /** Default: all. */
  readonly relays?: (id: string) => boolean;
}

function statsOf(table: LinkTable, { self, relays = () => true }: View = {}): NetworkStats {
  const [first = ""] = table.keys();
  const routes = new Routes(self ?? first, new FakeClock());
  for (const [id, claims] of table) routes.set(id, claims, relays(id));
  return new Figures(routes.links).read(1);
}

test("a node alone is a whole network", () => {
  expect(statsOf(line(1))).toEqual({
    totalNodes: 1,
    directConnections: 0,
    indirectConnections: 0,
    averageHopCount: 0,
    averageLatency: 0,
    networkDiameter: 0,
    partitions: 1,
    scope: "network",
    exact: true,
  });
});

test("a line of five, seen from its end", () => {
  expect(statsOf(line(5))).toMatchObject({
    totalNodes: 5,
    directConnections: 1,
    indirectConnections: 3,
    averageHopCount: 2,
    networkDiameter: 4,
    partitions: 1,
  });
});

test("a ring of six", () => {
  expect(statsOf(ring(6))).toMatchObject({
    directConnections: 2,
    indirectConnections: 3,
    averageHopCount: 9 / 5,
    networkDiameter: 3,
  });
});

test("a star of five, seen from its middle", () => {
  expect(statsOf(star(5))).toMatchObject({
    directConnections: 4,
    indirectConnections: 0,
    averageHopCount: 8 / 5,
    networkDiameter: 2,
  });
});

test("a split network counts its parts, and averages only the part this node is in", () => {
  const table = tableOf(
    ["a", "b", "x", "y", "z"],
    [
      ["a", "b"],
      ["x", "y"],
      ["y", "z"],
    ],
  );
  expect(statsOf(table)).toMatchObject({
    totalNodes: 5,
    directConnections: 1,
    indirectConnections: 0,
    averageHopCount: 1,
    networkDiameter: 1,
    partitions: 2,
    scope: "component",
  });
});

test.for([
  { what: "two peers", table: line(2), self: "n0", averageHopCount: 1, scope: "network" },
  {
    what: "a star, from its middle",
    table: star(3),
    self: "n0",
    averageHopCount: 1,
    scope: "network",
  },
  {
    what: "a star, from its end",
    table: star(3),
    self: "n1",
    averageHopCount: 1,
    scope: "component",
  },
  { what: "a ring of four", table: ring(4), self: "n0", averageHopCount: 1, scope: "component" },
] as const)("without relays, $what are one part all the same", ({ table, self, ...figures }) => {
  const { averageHopCount, scope } = figures;
  const stats = statsOf(table, { self, relays: () => false });
  expect(stats).toMatchObject({ partitions: 1, averageHopCount, scope, networkDiameter: 1 });
});

test("a part is what links join, whoever relays; averages are over what this node can reach", () => {
  const rng = seededRng(8);
  for (let round = 0; round < 200; round++) {
    const table = randomTable(rng);
    const relaying = new Set([...table.keys()].filter(() => rng.next() < 0.5));
    const { partitions, scope, ...stats } = statsOf(table, { relays: (id) => relaying.has(id) });
    expect(partitions).toBe(partsOf(table));
    const hops = (from: string): Map<string, number> => hopsIn(table, relaying, from);
    const reached = [...hops("n0").keys()];
    expect(scope).toBe(reached.length === table.size ? "network" : "component");
    const counted = reached
      .flatMap((from) => [...hops(from)])
      .filter(([to, count]) => count > 0 && reached.includes(to))
      .map(([, count]) => count);
    expect(stats.networkDiameter).toBe(Math.max(0, ...counted));
    expect(stats.averageHopCount).toBeCloseTo(
      counted.reduce((sum, count) => sum + count, 0) / Math.max(1, counted.length),
    );
  }
});

/** Links that both ends have. */
function linkedTo(table: LinkTable, id: string): string[] {
  return [...(table.get(id)?.keys() ?? [])].filter((other) => table.get(other)?.has(id));
}

function partsOf(table: LinkTable): number {
  const left = new Set(table.keys());
  let parts = 0;
  for (const id of left) {
    parts += 1;
    const part = [id];
    for (const each of part) {
      left.delete(each);
      part.push(...linkedTo(table, each).filter((other) => left.delete(other)));
    }
  }
  return parts;
}

function hopsIn(table: LinkTable, relays: ReadonlySet<string>, from: string): Map<string, number> {
  const hops = new Map([[from, 0]]);
  for (const [id, count] of hops) {
    if (id !== from && !relays.has(id)) continue;
    for (const other of linkedTo(table, id)) if (!hops.has(other)) hops.set(other, count + 1);
  }
  return hops;
}

test("the average latency is that of the measured links in scope", () => {
  const table = line(4);
  table.get("n0")?.set("n1", { costUs: 1, rttMs: 10 });
  table.get("n1")?.set("n0", { costUs: 1, rttMs: 20 });
  table.get("n1")?.set("n2", { costUs: 1, rttMs: 30 });
  expect(statsOf(table).averageLatency).toBe(20);
});

test("hops and diameter equal an independent count on 200 random graphs", () => {
  const rng = seededRng(6);
  for (let round = 0; round < 200; round++) {
    const table = randomTable(rng);
    for (const links of table.values()) for (const id of links.keys()) links.set(id, { costUs: 1 });
    const best = allPairs(table);
    const inScope = [...table.keys()].filter((id) => best("n0", id).costUs < Infinity);
    const hops = inScope.flatMap((a) => inScope.filter((b) => a !== b).map((b) => best(a, b).hops));
    const { averageHopCount, networkDiameter } = statsOf(table);
    expect(networkDiameter).toBe(Math.max(0, ...hops));
    expect(averageHopCount).toBeCloseTo(
      hops.reduce((sum, count) => sum + count, 0) / Math.max(1, hops.length),
    );
  }
});

test("a very large network is sampled, and says so", () => {
  const rng = seededRng(7);
  const ids = idsOf(4_000);
  const pairs = ids.slice(1).map((id, i) => [id, ids[integer(rng, i + 1)] as string] as const);
  const stats = statsOf(tableOf(ids, pairs));
  expect(stats).toMatchObject({ totalNodes: 4_000, partitions: 1, exact: false });
  expect(stats.averageHopCount).toBeGreaterThan(1);
  expect(stats.networkDiameter).toBeGreaterThan(stats.averageHopCount);
});
