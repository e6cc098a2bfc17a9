// The graphs that all variants get: connected, random, degree 8, costs of links from 1 to 51 ms, one for each direction.
import { writeFileSync } from "node:fs";
import { seededRng } from "@net/core";

/** @typedef {{ ids: string[], from: Uint32Array, to: Uint32Array, costsUs: Uint32Array, backCostsUs: Uint32Array }} Links */
/** @typedef {import("../../packages/routing/src/graph/graph.ts").Graph} Graph */

/**
 * @param {number} nodes
 * @param {number} degree
 * @returns {Links}
 */
export function randomLinks(nodes, degree) {
  const rng = seededRng(nodes);
  const draw = (/** @type {number} */ below) => Math.floor(rng.next() * below);
  const count = (nodes * degree) / 2;
  const from = new Uint32Array(count);
  const to = new Uint32Array(count);
  const seen = new Set();
  for (let n = 0; n < count; ) {
    // First a tree, so that the graph is connected; then whatever comes.
    const a = n < nodes - 1 ? n + 1 : draw(nodes);
    const b = n < nodes - 1 ? draw(n + 1) : draw(nodes);
    const key = Math.min(a, b) * nodes + Math.max(a, b);
    if (a === b || seen.has(key)) continue;
    seen.add(key);
    from[n] = a;
    to[n++] = b;
  }
  const cost = () => 1_000 + draw(50_000);
  const costsUs = from.map(cost);
  const backCostsUs = from.map(cost);
  const ids = Array.from({ length: nodes }, (_, node) => `peer-${node}`);
  return { ids, from, to, costsUs, backCostsUs };
}

/**
 * The graph as the C++ program reads it.
 *
 * @param {Graph} graph
 * @param {string} path
 */
export function writeGraph({ ids, starts, degrees, arcs }, path) {
  const targets = [];
  const costs = [];
  const offsets = [0];
  for (let node = 0; node < ids.length; node++) {
    const start = starts[node] ?? 0;
    for (let nth = 0; nth < (degrees[node] ?? 0); nth++) {
      targets.push(arcs[start + 2 * nth] ?? 0);
      costs.push(arcs[start + 2 * nth + 1] ?? 0);
    }
    offsets.push(targets.length);
  }
  writeFileSync(path, Uint32Array.of(ids.length, targets.length));
  writeFileSync(path, Uint32Array.from(offsets), { flag: "a" });
  writeFileSync(path, Uint32Array.from(targets), { flag: "a" });
  writeFileSync(path, Uint32Array.from(costs), { flag: "a" });
}

/** The node from which the nth tree is computed: each from another, in all variants alike. */
export function sourceOf(/** @type {number} */ nth, /** @type {number} */ nodes) {
  return (nth * 7_919) % nodes;
}
