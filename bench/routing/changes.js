// What it costs to keep a tree right when one arc's cost changes.
import { seededRng } from "@net/core";
import { ARC_WORDS } from "../../packages/routing/src/graph/graph.ts";
import { setLink } from "../../packages/routing/src/graph/links.ts";
import { computeTree, createTree } from "../../packages/routing/src/graph/shortest-path-tree.ts";
import { updateTree } from "../../packages/routing/src/graph/update-tree.ts";
import { cpuUs, quick } from "./measure.js";

/** @typedef {import("../../packages/routing/src/graph/graph.ts").Graph} Graph */
/** @typedef {import("../../packages/routing/src/graph/shortest-path-tree.ts").ShortestPathTree} Tree */

const rng = seededRng(8);

/** @typedef {readonly [from: number, to: number]} Arc */

/**
 * CPU µs for one change of a cost, the tree kept right.
 *
 * @param {Graph} graph
 * @param {number} nodes
 * @param {(tree: Tree) => Arc} pick
 */
export function changeCost(graph, nodes, pick) {
  const changes = quick ? 1_000 : 20_000;
  const tree = createTree(graph, 0);
  computeTree(graph, tree);
  const spent = { us: 0, picking: 0 };
  const change = (/** @type {boolean} */ apply) => {
    for (let n = 0; n < changes; n++) {
      const [from, to] = pick(tree);
      const cost = 1_000 + Math.floor(rng.next() * 50_000);
      const back = 1_000 + Math.floor(rng.next() * 50_000);
      if (!apply) continue;
      setLink(graph, from, to, cost, back);
      updateTree(graph, tree, [from, to, to, from]);
    }
  };
  change(true);
  spent.us = cpuUs(() => change(true));
  spent.picking = cpuUs(() => change(false));
  if (nodes <= 10_000) assertRight(graph, tree);
  return Math.max(0, spent.us - spent.picking) / changes;
}

/** @param {Graph} graph @returns {Arc} */
export function anyArc({ ids, starts, degrees, arcs }) {
  const from = Math.floor(rng.next() * ids.length);
  const nth = Math.floor(rng.next() * (degrees[from] ?? 0));
  return [from, arcs[(starts[from] ?? 0) + nth * ARC_WORDS] ?? 0];
}

/** @param {Tree} tree @returns {Arc} */
export function treeArc({ parents, source }) {
  for (;;) {
    const to = Math.floor(rng.next() * parents.length);
    const from = parents[to] ?? -1;
    if (to !== source && from !== -1) return [from, to];
  }
}

/**
 * @param {Graph} graph
 * @param {Tree} tree
 */
function assertRight(graph, tree) {
  const anew = createTree(graph, 0);
  computeTree(graph, anew);
  const same = anew.parents.every((parent, node) => parent === tree.parents[node]);
  if (!same) throw new Error("the tree kept right is not the one computed anew");
}
