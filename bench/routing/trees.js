// One shortest-path tree: ours, C++'s and the rivals', in rounds that are interleaved.
import { join } from "node:path";
import { buildGraph } from "../../packages/routing/src/graph/build.ts";
import { computeTree, createTree } from "../../packages/routing/src/graph/shortest-path-tree.ts";
import { anyArc, changeCost, treeArc } from "./changes.js";
import { randomLinks, sourceOf, writeGraph } from "./graphs.js";
import { count, cpuUs, fixed, ROUNDS } from "./measure.js";
import { runReference } from "./reference.js";
import { graphologyTree, ngraphPair } from "./rivals.js";

/** @typedef {import("../../packages/routing/src/graph/graph.ts").Graph} Graph */
/** @typedef {import("../../packages/routing/src/graph/shortest-path-tree.ts").ShortestPathTree} Tree */

const DEGREE = 8;

/**
 * @param {number} nodes
 * @param {string | undefined} reference
 * @param {string} folder
 */
export function compareTrees(nodes, reference, folder) {
  const links = randomLinks(nodes, DEGREE);
  const { ours, cpp, any, onTree, build, bytes } = measureOurs(links, reference, folder);
  // Afterwards, because a heap as large as theirs slows down whatever runs beside it.
  const [graphology = NaN, ngraph = NaN] = measureRivals(links);
  return {
    tree: [
      ...[count(nodes), ours.toFixed(0), fixed(cpp, 0), fixed(ours / cpp, 2)],
      ...[`${(graphology / ours).toFixed(0)}×`, `${(ngraph / ours).toFixed(1)}×`],
    ],
    change: [
      ...[count(nodes), any.toFixed(2), `${count(Math.round(ours / any))}×`],
      ...[onTree.toFixed(2), `${count(Math.round(ours / onTree))}×`],
    ],
    build: [count(nodes), (build / 1_000).toFixed(1), bytes.toFixed(0)],
  };
}

/**
 * @param {import("./graphs.js").Links} links
 * @param {string | undefined} reference
 * @param {string} folder
 */
function measureOurs(links, reference, folder) {
  const nodes = links.ids.length;
  const graph = buildGraph(links.ids, links);
  // Another, because its costs will change.
  const changing = buildGraph(links.ids, links);
  const tree = createTree(graph, 0);
  const file = join(folder, `${nodes}.graph`);
  writeGraph(graph, file);
  const trees = Math.max(3, Math.ceil(1_000_000 / nodes));
  const sum = computeTrees(graph, tree, trees);
  const best = { ours: Infinity, cpp: Infinity, build: Infinity, any: Infinity, onTree: Infinity };
  const keep = (/** @type {keyof typeof best} */ name, /** @type {number} */ us) => {
    best[name] = Math.min(best[name], us);
  };
  for (let round = 0; round < ROUNDS; round++) {
    keep("ours", cpuUs(() => computeTrees(graph, tree, trees)) / trees);
    if (reference) keep("cpp", checked(runReference(reference, file, trees), sum));
    keep(
      "build",
      cpuUs(() => buildGraph(links.ids, links)),
    );
    keep(
      "any",
      changeCost(changing, nodes, () => anyArc(changing)),
    );
    keep("onTree", changeCost(changing, nodes, treeArc));
  }
  return { ...best, bytes: bytesPerNode(graph, tree) };
}

/**
 * CPU µs for one question, each rival's best.
 *
 * @param {import("./graphs.js").Links} links
 */
function measureRivals(links) {
  const nodes = links.ids.length;
  const trees = Math.max(1, Math.ceil(20_000 / nodes));
  // A tree of the largest graph takes graphology seconds: once is enough there.
  const rounds = nodes > 10_000 ? 1 : ROUNDS;
  const rivals = [graphologyTree(links), ngraphPair(links)];
  const best = rivals.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of rivals.entries()) {
      const us = cpuUs(() => {
        for (let n = 0; n < trees; n++) run(sourceOf(n, nodes));
      });
      best[index] = Math.min(best[index] ?? Infinity, us / trees);
    }
  }
  return best;
}

/**
 * @param {Graph} graph
 * @param {Tree} tree
 * @param {number} trees
 */
function computeTrees(graph, tree, trees) {
  let sum = 0;
  for (let n = 0; n < trees; n++) {
    const from = { ...tree, source: sourceOf(n, graph.ids.length) };
    computeTree(graph, from);
    sum += Math.floor(from.weightsUs[graph.ids.length - 1] ?? NaN);
  }
  return sum;
}

/**
 * The time of the reference, whose distances must be ours.
 *
 * @param {{ cpuUs: number, sum: number }} result
 * @param {number} ours
 */
function checked({ cpuUs, sum }, ours) {
  if (sum !== ours) throw new Error("the C++ reference found other distances");
  return cpuUs;
}

/**
 * @param {Graph} graph
 * @param {Tree} tree
 */
function bytesPerNode(
  { ids, starts, degrees, rooms, relays, arcs, backs },
  { weightsUs, parents, heap },
) {
  const arrays = [starts, degrees, rooms, relays, arcs, backs, weightsUs, parents, heap.entries];
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0) / ids.length;
}
