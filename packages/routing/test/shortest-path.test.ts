import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { buildGraph, type LinkTable } from "../src/graph.ts";
import { pathTo, shortestPathTree } from "../src/shortest-path.ts";
import { line, randomTable, shuffled, tableOf } from "./graphs.ts";
import { allPairs } from "./oracle.ts";

/** The path from the first node to `to`, by id. */
function path(table: LinkTable, to: string): string[] | undefined {
  const graph = buildGraph(table);
  const nodes = pathTo(shortestPathTree(graph, 0), graph.indexOf.get(to) ?? -1);
  return nodes?.map((node) => graph.ids[node] as string);
}

test("costs and hops equal those of Floyd and Warshall on 500 random graphs", () => {
  const rng = seededRng(3);
  let reached = 0;
  for (let round = 0; round < 500; round++) {
    const table = randomTable(rng);
    const graph = buildGraph(table);
    const best = allPairs(table);
    for (const [source, from] of graph.ids.entries()) {
      const tree = shortestPathTree(graph, source);
      for (const [node, to] of graph.ids.entries()) {
        const { costUs, hops } = best(from, to);
        expect(tree.costsUs[node]).toBe(costUs);
        if (costUs === Number.POSITIVE_INFINITY) continue;
        expect(tree.hops[node]).toBe(hops);
        reached += 1;
      }
    }
  }
  expect(reached).toBeGreaterThan(10_000);
});

test("a path visits no node twice and its arcs add up to its cost", () => {
  const rng = seededRng(4);
  for (let round = 0; round < 300; round++) {
    const table = randomTable(rng);
    const graph = buildGraph(table);
    const tree = shortestPathTree(graph, 0);
    for (const [node] of graph.ids.entries()) {
      const ids = pathTo(tree, node)?.map((at) => graph.ids[at] as string);
      if (!ids) continue;
      const arcs = ids.slice(1).map((id, i) => table.get(ids[i] as string)?.get(id)?.costUs ?? NaN);
      expect(new Set(ids).size).toBe(ids.length);
      expect(arcs.reduce((sum, costUs) => sum + costUs, 0)).toBe(tree.costsUs[node]);
    }
  }
});

test("of equally good paths the same one is chosen, whatever order nodes and links became known in", () => {
  const rng = seededRng(5);
  for (let round = 0; round < 200; round++) {
    const table = randomTable(rng);
    const other = shuffled(table, rng);
    for (const id of table.keys()) expect(path(other, id)).toEqual(path(table, id));
  }
});

test("of equally cheap paths the one with fewer hops wins, then the smaller relay", () => {
  const table = tableOf(
    ["a", "x", "b", "c", "z"],
    [
      ["a", "x"],
      ["x", "z"],
      ["a", "c"],
      ["c", "z"],
    ],
  );
  expect(path(table, "z")).toEqual(["a", "c", "z"]);
  table.get("a")?.set("z", { costUs: 2_000 });
  table.get("z")?.set("a", { costUs: 2_000 });
  expect(path(table, "z")).toEqual(["a", "z"]);
});

test("each direction has its own cost", () => {
  const table = tableOf(
    ["a", "b", "c"],
    [
      ["a", "b"],
      ["b", "c"],
      ["a", "c"],
    ],
  );
  table.get("a")?.set("c", { costUs: 9_000 });
  expect(path(table, "c")).toEqual(["a", "b", "c"]);
  const back = new Map([...table].reverse());
  expect(path(back, "a")).toEqual(["c", "a"]);
});

test("what only one end advertises is no link", () => {
  const table = line(3);
  table.get("n1")?.delete("n2");
  expect(path(table, "n1")).toEqual(["n0", "n1"]);
  expect(path(table, "n2")).toBeUndefined();
});

test("costs at the 32-bit limit add up exactly", () => {
  const table = line(50);
  for (const links of table.values()) {
    for (const id of links.keys()) links.set(id, { costUs: 2 ** 32 - 1 });
  }
  const graph = buildGraph(table);
  expect(shortestPathTree(graph, 0).costsUs[49]).toBe(49 * (2 ** 32 - 1));
});
