import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { addNode, createGraph, findArc, type Graph, removeNode } from "../../src/graph/graph.ts";
import { removeLink, setLink } from "../../src/graph/links.ts";
import { createTree } from "../../src/graph/shortest-path-tree.ts";
import { idOf, inconsistencies, integer, linksOf, randomGraph } from "./model.ts";

/** The links of a model, written as {@link linksOf} writes those of a graph. */
function modelLinks(model: ReadonlyMap<string, number>): string[] {
  return [...model]
    .map(([key, costUs]) => {
      const [from, to] = key.split(">");
      return `${key}:${costUs}/${model.get(`${to}>${from}`)}`;
    })
    .sort();
}

function link(graph: Graph, a: string, b: string, abUs: number, baUs: number): void {
  setLink(graph, addNode(graph, a), addNode(graph, b), abUs, baUs);
}

test("an id keeps its node, and a link has a cost for each direction", () => {
  const graph = createGraph();
  link(graph, "a", "b", 5, 7);
  expect(addNode(graph, "a")).toBe(0);
  expect(linksOf(graph)).toEqual(["a>b:5/7", "b>a:7/5"]);
  link(graph, "b", "a", 9, 1);
  expect(linksOf(graph)).toEqual(["a>b:1/9", "b>a:9/1"]);
  expect(removeLink(graph, 0, 1)).toBe(true);
  expect(removeLink(graph, 0, 1)).toBe(false);
  expect(linksOf(graph)).toEqual([]);
});

test("a removed node's number waits until it is freed, then another id gets it", () => {
  const graph = createGraph();
  const a = addNode(graph, "a");
  removeNode(graph, a);
  expect(addNode(graph, "b")).not.toBe(a);
  graph.free.push(a);
  expect(addNode(graph, "c")).toBe(a);
});

test("ids that objects have by themselves are ids like others", () => {
  const graph = createGraph();
  link(graph, "__proto__", "constructor", 1, 1);
  expect(linksOf(graph)).toEqual(["__proto__>constructor:1/1", "constructor>__proto__:1/1"]);
});

test("after 20,000 random changes the graph is what a plain map says, and its arcs fit", () => {
  const rng = seededRng(1);
  const graph = createGraph();
  const model = new Map<string, number>();
  for (let step = 0; step < 20_000; step++) {
    const [a, b] = [integer(rng, 60), integer(rng, 60)].map(idOf) as [string, string];
    if (a === b) continue;
    if (rng.next() < 0.55) {
      const [abUs, baUs] = [1 + integer(rng, 9), 1 + integer(rng, 9)];
      link(graph, a, b, abUs, baUs);
      model.set(`${a}>${b}`, abUs).set(`${b}>${a}`, baUs);
    } else {
      const removed = removeLink(graph, addNode(graph, a), addNode(graph, b));
      expect(removed).toBe(model.delete(`${a}>${b}`));
      model.delete(`${b}>${a}`);
    }
  }
  expect(linksOf(graph)).toEqual(modelLinks(model));
  expect(inconsistencies(graph)).toEqual([]);
});

test("holes are packed: changing links for ever does not take memory for ever", () => {
  const rng = seededRng(2);
  const graph = randomGraph(rng, 200, 800, 9);
  for (let step = 0; step < 50_000; step++) {
    const a = integer(rng, 200);
    const b = (a + 1 + integer(rng, 199)) % 200;
    if (findArc(graph, a, b) === -1 && (graph.degrees[a] as number) < 8) setLink(graph, a, b, 1, 1);
    else removeLink(graph, a, b);
  }
  expect(inconsistencies(graph)).toEqual([]);
  expect(graph.arcs.byteLength / 200).toBeLessThan(800);
  expect(graph.wasted).toBeLessThan(graph.used);
});

test("a node of degree 8, its place in the tree included, takes at most 400 bytes in a graph built at once", () => {
  const graph = randomGraph(seededRng(3), 10_000, 40_000, 1_000);
  const { starts, degrees, rooms, relays, arcs, backs } = graph;
  const { weightsUs, parents } = createTree(graph, 0);
  const arrays = [starts, degrees, rooms, relays, arcs, backs, weightsUs, parents];
  const bytes = arrays.reduce((sum, a) => sum + a.byteLength, 0);
  expect(bytes / 10_000).toBeLessThan(400);
  expect(inconsistencies(graph)).toEqual([]);
});
