import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { findCuts } from "../../src/analysis/cuts.ts";
import { partitionRisks, resilienceOf } from "../../src/analysis/resilience.ts";
import { risksFor } from "../../src/analysis/risks.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { setLink } from "../../src/graph/links.ts";
import { idOf, integer, randomGraph } from "../graph/model.ts";
import { type Failure, hopsFrom } from "./reach-model.ts";

/** A sparse graph, in which there is much to cut; some nodes do not relay. */
function sparse(seed: number, plain: number): Graph {
  const rng = seededRng(seed);
  const nodes = 2 + integer(rng, 16);
  const graph = randomGraph(rng, nodes, integer(rng, nodes * 2), 3);
  for (const node of graph.nodes.values()) if (rng.next() < plain) graph.relays[node] = 0;
  return graph;
}

/** Who is lost to node 0, besides what fails. */
function lostTo(graph: Graph, failure: Failure): number[] {
  const [before, after] = [hopsFrom(graph, 0), hopsFrom(graph, 0, failure)];
  const failed = "node" in failure ? failure.node : -1;
  return [...before.keys()]
    .filter((node) => !after.has(node) && node !== failed)
    .sort((a, b) => a - b);
}

test("the worst failures for a node are just those that cut others off from it, relays or not", () => {
  let found = 0;
  for (let seed = 0; seed < 300; seed++) {
    const graph = sparse(seed, seed % 2 === 0 ? 0 : 0.2);
    const risks = risksFor(graph, 0, 1_000).filter(
      ({ cause }) => cause[0] !== 0 || cause.length === 2,
    );
    for (const { cause, isolates } of risks) {
      const [a, b] = cause as [number, number?];
      const failure = b === undefined ? { node: a } : { link: [a, b] as const };
      expect([...isolates].sort((x, y) => x - y)).toEqual(lostTo(graph, failure));
      found += 1;
    }
    const causes = new Set(
      risks.filter(({ cause }) => cause.length === 1).map(({ cause }) => cause[0]),
    );
    for (const node of hopsFrom(graph, 0).keys()) {
      if (node !== 0) expect(lostTo(graph, { node }).length > 0).toBe(causes.has(node));
    }
  }
  expect(found).toBeGreaterThan(500);
});

/** Whether others that could reach each other cannot without node 0. */
function separates(graph: Graph): boolean {
  const others = [...hopsFrom(graph, 0).keys()].filter((node) => node !== 0);
  return others.some((source) => {
    const left = hopsFrom(graph, source, { node: 0 });
    const before = hopsFrom(graph, source);
    return others.some((target) => before.has(target) && !left.has(target));
  });
}

test("the node that looks is a risk just when others lose each other by its failure", () => {
  const found = { risk: 0, none: 0, plain: 0 };
  for (let seed = 0; seed < 300; seed++) {
    const graph = sparse(seed, seed % 2 === 0 ? 0 : 0.3);
    const own = risksFor(graph, 0, 1_000).find(({ cause }) => cause[0] === 0 && cause.length === 1);
    expect(own !== undefined, `seed ${seed}`).toBe(separates(graph));
    found[own ? "risk" : "none"] += 1;
    if (graph.relays[0] === 0) found.plain += 1;
  }
  expect(Math.min(...Object.values(found))).toBeGreaterThan(20);
});

test("in a star without relays nobody but the ends of a link lose each other", () => {
  const star = randomGraph(seededRng(1), 3, 0, 1);
  const [a, b, c] = [idOf(0), idOf(1), idOf(2)];
  for (const node of [1, 2]) setLink(star, 0, node, 1, 1);
  star.relays.fill(0);
  const lost = (self: number): unknown[] =>
    partitionRisks(star, self).map(({ kind, isolates }) => [kind, ...isolates]);
  expect(lost(0)).toEqual([
    ["bridge", b],
    ["bridge", c],
  ]);
  expect(lost(1)).toEqual([["bridge", a]]);
  const { components, cutVertices } = resilienceOf(star, 0);
  expect([components, cutVertices]).toEqual([[[a, b, c].toSorted()], []]);
});

test("a node that does not relay joins no parts, even if it is linked to several", () => {
  const graph = randomGraph(seededRng(1), 5, 0, 1);
  const ids = Array.from({ length: 5 }, (_, node) => idOf(node));
  setLink(graph, 0, 1, 1, 1);
  setLink(graph, 2, 3, 1, 1);
  for (const relay of [1, 2]) setLink(graph, 4, relay, 1, 1);
  graph.relays[4] = 0;
  const { components, suggestedLink } = resilienceOf(graph, 0);
  const parts = [
    [2, 3, 4],
    [0, 1],
  ].map((part) => part.map((node) => ids[node]).toSorted());
  expect(components).toEqual(parts);
  expect(suggestedLink).toEqual({ source: ids[2], target: ids[1] });
});

test("the link that is suggested makes the failure cut off fewer", () => {
  let cured = 0;
  for (let seed = 0; seed < 300; seed++) {
    const graph = sparse(seed, seed % 3 === 0 ? 0.15 : 0);
    for (const { cause, isolates, cure } of risksFor(graph, 0)) {
      if (!cure || (cause.length === 1 && cause[0] === 0)) continue;
      const other = sparse(seed, seed % 3 === 0 ? 0.15 : 0);
      setLink(other, ...cure, 1, 1);
      const [a, b] = cause as [number, number?];
      const left = lostTo(other, b === undefined ? { node: a } : { link: [a, b] });
      expect(left.length, `${seed}: ${cause} cured by ${cure}`).toBeLessThan(isolates.length);
      cured += 1;
    }
  }
  expect(cured).toBeGreaterThan(500);
});

test("the link suggested for a split network joins its parts", () => {
  for (let seed = 0; seed < 200; seed++) {
    const graph = sparse(seed, 0);
    const { components, suggestedLink } = resilienceOf(graph, 0);
    if (components.length === 1) continue;
    const { source = "", target = "" } = suggestedLink ?? {};
    setLink(graph, graph.nodes.get(source) ?? -1, graph.nodes.get(target) ?? -1, 1, 1);
    expect(resilienceOf(graph, 0).components).toHaveLength(components.length - 1);
  }
});

test("a ring has nothing to fear, a line much, two nodes one link that nothing cures", () => {
  const line = randomGraph(seededRng(1), 6, 0, 1);
  for (let n = 1; n < 6; n++) setLink(line, n - 1, n, 1, 1);
  expect(findCuts(line, 0).bridges).toHaveLength(5);
  expect(
    findCuts(line, 0)
      .cutVertices.map(({ node }) => node)
      .sort(),
  ).toEqual([1, 2, 3, 4]);
  expect(risksFor(line, 0)[0]).toMatchObject({ cause: [0, 1], cure: [0, 5] });
  setLink(line, 5, 0, 1, 1);
  expect(findCuts(line, 0)).toEqual({ bridges: [], cutVertices: [] });
  expect(partitionRisks(line, 0)).toEqual([]);

  const two = randomGraph(seededRng(1), 2, 0, 1);
  setLink(two, 0, 1, 1, 1);
  expect(risksFor(two, 0)).toEqual([{ cause: [0, 1], isolates: [1], cure: undefined }]);
});

test("a line of 100,000 nodes is walked without recursion", () => {
  const count = 100_000;
  const line = randomGraph(seededRng(1), count, 0, 1);
  for (let n = 1; n < count; n++) setLink(line, n - 1, n, 1, 1);
  expect(findCuts(line, 0).bridges).toHaveLength(count - 1);
});
