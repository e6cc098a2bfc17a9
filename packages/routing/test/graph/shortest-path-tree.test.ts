import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { buildGraph } from "../../src/graph/build.ts";
import { addNode, createGraph, type Graph } from "../../src/graph/graph.ts";
import { setLink } from "../../src/graph/links.ts";
import {
  computeTree,
  createTree,
  hopsTo,
  pathTo,
  type ShortestPathTree,
} from "../../src/graph/shortest-path-tree.ts";
import { costOfWeight } from "../../src/graph/weight.ts";
import { arcsOf, idOf, randomGraph, treeById } from "./model.ts";

function treeOf(graph: Graph, source = 0): ShortestPathTree {
  const tree = createTree(graph, source);
  computeTree(graph, tree);
  return tree;
}

/** Links of one cost both ways. */
function graphOf(links: readonly (readonly [string, string, number?])[]): Graph {
  const graph = createGraph();
  for (const [a, b, costUs = 1_000] of links) {
    setLink(graph, addNode(graph, a), addNode(graph, b), costUs, costUs);
  }
  return graph;
}

function path(graph: Graph, from: string, to: string): (string | undefined)[] | undefined {
  const tree = treeOf(graph, addNode(graph, from));
  return pathTo(tree, addNode(graph, to))?.map((node) => graph.ids[node]);
}

/** Bellman and Ford's loops over pairs of cost and hops: slow, plain, nothing like the code under test. */
function slowly(graph: Graph, source: number): [costUs: number, hops: number][] {
  const best = Array.from(graph.ids, (): [number, number] => [Infinity, Infinity]);
  best[source] = [0, 0];
  for (let round = 0; round < best.length; round++) {
    for (const [node, [costUs, hops]] of best.entries()) {
      if (graph.relays[node] === 0 && node !== source) continue;
      for (const arc of arcsOf(graph, node)) {
        const target = graph.arcs[arc] as number;
        const found = [costUs + (graph.arcs[arc + 1] as number), hops + 1] as [number, number];
        const [knownUs, knownHops] = best[target] ?? [0, 0];
        if (found[0] < knownUs || (found[0] === knownUs && found[1] < knownHops))
          best[target] = found;
      }
    }
  }
  return best;
}

test("costs and hops equal those of Bellman and Ford on 500 random graphs", () => {
  const rng = seededRng(3);
  for (let round = 0; round < 500; round++) {
    const graph = randomGraph(rng, 2 + (round % 18), 40, 4);
    for (const node of graph.nodes.values()) if (rng.next() < 0.2) graph.relays[node] = 0;
    const tree = treeOf(graph);
    for (const [node, [costUs, hops]] of slowly(graph, 0).entries()) {
      const weightUs = tree.weightsUs[node] as number;
      if (costUs === Infinity) expect(weightUs).toBe(Infinity);
      else expect([costOfWeight(weightUs, hops), hopsTo(tree, node)]).toEqual([costUs, hops]);
    }
  }
});

test("of equally good paths the same one is chosen, whatever order nodes and links became known in", () => {
  const rng = seededRng(5);
  for (let round = 0; round < 200; round++) {
    const graph = randomGraph(rng, 15, 40, 3);
    const other = createGraph();
    addNode(other, idOf(0));
    for (const id of [...graph.nodes.keys()].reverse()) addNode(other, id);
    for (const [id, node] of [...graph.nodes].reverse()) {
      for (const arc of arcsOf(graph, node).reverse()) {
        const target = addNode(other, graph.ids[graph.arcs[arc] as number] as string);
        const [costUs, backUs] = [graph.arcs[arc + 1] as number, graph.backs[arc + 1] as number];
        setLink(other, addNode(other, id), target, costUs, backUs);
      }
    }
    expect(treeById(other, treeOf(other))).toEqual(treeById(graph, treeOf(graph)));
  }
});

test("of equally cheap paths the one with fewer hops wins, then the smaller last relay", () => {
  const links = [
    ["a", "x"],
    ["x", "z"],
    ["a", "c"],
    ["c", "z"],
  ] as const;
  expect(path(graphOf(links), "a", "z")).toEqual(["a", "c", "z"]);
  expect(path(graphOf([...links, ["a", "z", 2_000]]), "a", "z")).toEqual(["a", "z"]);
});

test("a node that does not relay is reached, and begins ways, but is on none", () => {
  const graph = graphOf([
    ["a", "b"],
    ["b", "c"],
    ["a", "d", 9_000],
    ["d", "c", 9_000],
  ]);
  graph.relays[addNode(graph, "b")] = 0;
  expect(path(graph, "a", "b")).toEqual(["a", "b"]);
  expect(path(graph, "a", "c")).toEqual(["a", "d", "c"]);
  expect(path(graph, "b", "c")).toEqual(["b", "c"]);
});

test("costs at the 32-bit limit add up exactly", () => {
  const ids = Array.from({ length: 500 }, (_, node) => idOf(node));
  const from = [...ids.keys()].slice(1);
  const costsUs = from.map(() => 2 ** 32 - 1);
  const line = { from, to: from.map((node) => node - 1), costsUs, backCostsUs: costsUs };
  const tree = treeOf(buildGraph(ids, line));
  expect(costOfWeight(tree.weightsUs[499] as number, 499)).toBe(499 * (2 ** 32 - 1));
});
