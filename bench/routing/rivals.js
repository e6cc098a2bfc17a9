// The same graph in the libraries that people use, and what they take for the same question.
import { DirectedGraph } from "graphology";
import dijkstra from "graphology-shortest-path/dijkstra.js";
import createGraph from "ngraph.graph";
import path from "ngraph.path";

/** @typedef {import("./graphs.js").Links} Links */

/** @param {Links} links */
export function graphologyTree({ ids, from, to, costsUs, backCostsUs }) {
  const graph = new DirectedGraph();
  for (const id of ids) graph.addNode(id);
  for (let n = 0; n < from.length; n++) {
    const [a, b] = [ids[from[n] ?? 0], ids[to[n] ?? 0]];
    graph.addDirectedEdge(a, b, { weight: costsUs[n] });
    graph.addDirectedEdge(b, a, { weight: backCostsUs[n] });
  }
  return (/** @type {number} */ source) =>
    dijkstra.singleSource(graph, ids[source] ?? "", "weight");
}

/**
 * ngraph has no tree: this is one pair, by A* without an estimate.
 *
 * @param {Links} links
 */
export function ngraphPair({ ids, from, to, costsUs, backCostsUs }) {
  const graph = createGraph();
  for (let n = 0; n < from.length; n++) {
    const [a, b] = [ids[from[n] ?? 0] ?? "", ids[to[n] ?? 0] ?? ""];
    graph.addLink(a, b, costsUs[n]);
    graph.addLink(b, a, backCostsUs[n]);
  }
  const finder = path.aStar(graph, {
    oriented: true,
    distance: (
      /** @type {unknown} */ _a,
      /** @type {unknown} */ _b,
      /** @type {{ data: number }} */ link,
    ) => link.data,
  });
  return (/** @type {number} */ source) => finder.find(ids[source] ?? "", ids.at(-1) ?? "");
}
