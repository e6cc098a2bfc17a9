import { seededRng } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ARC_WORDS, findArc, type Graph } from "../../src/graph/graph.ts";
import { removeLink, setLink } from "../../src/graph/links.ts";
import { computeTree, createTree } from "../../src/graph/shortest-path-tree.ts";
import { updateTree } from "../../src/graph/update-tree.ts";
import { arcsOf, integer, randomGraph, treeById } from "./model.ts";

type Change = readonly [
  kind: "link" | "cut" | "relay",
  a: number,
  b: number,
  abUs: number,
  baUs: number,
];

/** Does it, and notes the arcs it changed. */
function change(graph: Graph, [kind, a, b, abUs, baUs]: Change, changed: number[]): void {
  if (kind === "relay") {
    graph.relays[a] = 1 - (graph.relays[a] as number);
    for (const arc of arcsOf(graph, a)) changed.push(a, graph.arcs[arc] as number);
  } else if (a !== b) {
    if (kind === "link") setLink(graph, a, b, abUs, baUs);
    else removeLink(graph, a, b);
    changed.push(a, b, b, a);
  }
}

const NODES = 12;
const node = fc.nat(NODES - 1);
// Few costs, so that ties are everywhere.
const cost = fc.integer({ min: 1, max: 4 });
const kind = fc.constantFrom("link" as const, "link" as const, "cut" as const, "relay" as const);
const batch = fc.array(fc.tuple(kind, node, node, cost, cost), { minLength: 1, maxLength: 6 });

test("a tree kept right by updates equals one computed anew, parents included", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(batch, { maxLength: 30 }), (seed, batches) => {
      const graph = randomGraph(seededRng(seed), NODES, 20, 4);
      const tree = createTree(graph, 0);
      computeTree(graph, tree);
      for (const changes of batches) {
        const changed: number[] = [];
        for (const each of changes) change(graph, each, changed);
        updateTree(graph, tree, changed);
        const anew = createTree(graph, 0);
        computeTree(graph, anew);
        expect(treeById(graph, tree)).toEqual(treeById(graph, anew));
      }
    }),
    { numRuns: 300, seed: 4 },
  );
});

test("so it is in a larger graph, arc by arc", () => {
  const rng = seededRng(5);
  const graph = randomGraph(rng, 300, 1_200, 1_000);
  const tree = createTree(graph, 0);
  computeTree(graph, tree);
  for (let round = 0; round < 500; round++) {
    const a = integer(rng, 300);
    const arc = (graph.starts[a] as number) + integer(rng, graph.degrees[a] as number) * ARC_WORDS;
    const b = graph.arcs[arc] as number;
    const kinds = ["link", "link", "cut"] as const;
    const changed: number[] = [];
    const costs = [1 + integer(rng, 1_000), 1 + integer(rng, 1_000)] as const;
    change(graph, [kinds[integer(rng, 3)] ?? "cut", a, b, ...costs], changed);
    if (findArc(graph, a, b) === -1)
      change(graph, ["link", b, integer(rng, 300), ...costs], changed);
    updateTree(graph, tree, changed);
    const anew = createTree(graph, 0);
    computeTree(graph, anew);
    expect(tree.weightsUs).toEqual(anew.weightsUs);
    expect(tree.parents).toEqual(anew.parents);
  }
});
