import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { reachableFrom } from "../../src/analysis/breadth-first.ts";
import { diameterOf } from "../../src/analysis/diameter.ts";
import { countHops } from "../../src/analysis/hop-counts.ts";
import { setLink } from "../../src/graph/links.ts";
import { integer, randomGraph } from "../graph/model.ts";
import { hopsFrom } from "./reach-model.ts";

test("hops counted 32 searches at a time equal those counted one by one, relays or not", () => {
  const rng = seededRng(11);
  for (let round = 0; round < 100; round++) {
    const graph = randomGraph(rng, 2 + integer(rng, 90), 10 + integer(rng, 150), 5);
    for (const node of graph.nodes.values()) if (rng.next() < 0.2) graph.relays[node] = 0;
    const each = [...graph.nodes.values()].flatMap((node) => [...hopsFrom(graph, node).values()]);
    const counted = each.filter((hops) => hops > 0);
    expect(countHops(graph, Uint32Array.from(graph.nodes.values()))).toEqual({
      hops: counted.reduce((sum, hops) => sum + hops, 0),
      pairs: counted.length,
      most: Math.max(0, ...counted),
    });
  }
});

test("the diameter found with few searches is that found with all", () => {
  const rng = seededRng(12);
  let exact = 0;
  for (let round = 0; round < 150; round++) {
    const graph = randomGraph(rng, 2 + integer(rng, 120), 20 + integer(rng, 200), 5);
    const component = reachableFrom(graph, 0).slice();
    for (const node of component)
      if (node !== 0 && graph.degrees[node] === 1) graph.relays[node] = 0;
    const { most } = countHops(graph, component);
    const found = diameterOf(graph, component);
    if (found.exact) expect(found.hops).toBe(most);
    else expect(found.hops).toBeLessThanOrEqual(most);
    exact += Number(found.exact);
  }
  expect(exact).toBeGreaterThan(100);
});

test("a long line needs a handful of searches only, and a search that is cut short says so", () => {
  const line = randomGraph(seededRng(13), 5_000, 0, 1);
  for (let n = 1; n < 5_000; n++) setLink(line, n - 1, n, 1, 1);
  expect(diameterOf(line, reachableFrom(line, 0).slice(), 6)).toEqual({ hops: 4_999, exact: true });
  const dense = randomGraph(seededRng(14), 500, 4_000, 1);
  expect(diameterOf(dense, reachableFrom(dense, 0).slice(), 2).exact).toBe(false);
});
