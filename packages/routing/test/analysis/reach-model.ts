import type { Graph } from "../../src/graph/graph.ts";
import { arcsOf } from "../graph/model.ts";

/** A link, or a node, that is taken out for a moment. */
export type Failure = { readonly link: readonly [number, number] } | { readonly node: number };

/** Hops from a node to all it can reach over relays, slowly and plainly, as if something had failed. */
export function hopsFrom(graph: Graph, source: number, failure?: Failure): Map<number, number> {
  const hops = new Map([[source, 0]]);
  for (const [node, count] of hops) {
    if (graph.relays[node] === 0 && node !== source) continue;
    for (const arc of arcsOf(graph, node)) {
      const target = graph.arcs[arc] as number;
      if (!hops.has(target) && !isDown(failure, node, target)) hops.set(target, count + 1);
    }
  }
  return hops;
}

function isDown(failure: Failure | undefined, a: number, b: number): boolean {
  if (!failure) return false;
  if ("node" in failure) return failure.node === b;
  return failure.link.includes(a) && failure.link.includes(b);
}
