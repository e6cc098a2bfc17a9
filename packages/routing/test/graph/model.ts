import type { Rng } from "@net/core";
import { buildGraph } from "../../src/graph/build.ts";
import { ARC_WORDS, type Graph } from "../../src/graph/graph.ts";
import type { ShortestPathTree } from "../../src/graph/shortest-path-tree.ts";

export function integer(rng: Rng, below: number): number {
  return Math.floor(rng.next() * below);
}

/** Ids whose order is not that of their numbers. */
export function idOf(node: number): string {
  return `n${(node * 7) % 10}-${node}`;
}

/** A random connected-or-not graph of links; few different costs make many ties. */
export function randomGraph(rng: Rng, nodes: number, links: number, costs: number): Graph {
  const seen = new Set<number>();
  const list = { from: [], to: [], costsUs: [], backCostsUs: [] } as Record<string, number[]>;
  for (let n = 0; n < links; n++) {
    const [a, b] = [integer(rng, nodes), integer(rng, nodes)];
    const key = Math.min(a, b) * nodes + Math.max(a, b);
    if (a === b || seen.has(key)) continue;
    seen.add(key);
    list.from?.push(a);
    list.to?.push(b);
    list.costsUs?.push(1 + integer(rng, costs));
    list.backCostsUs?.push(1 + integer(rng, costs));
  }
  const ids = Array.from({ length: nodes }, (_, node) => idOf(node));
  const { from = [], to = [], costsUs = [], backCostsUs = [] } = list;
  return buildGraph(ids, { from, to, costsUs, backCostsUs });
}

/** Every link of the graph as `from>to:cost/back`, in one order: what two equal graphs agree on. */
export function linksOf(graph: Graph): string[] {
  const found: string[] = [];
  for (const [id, node] of graph.nodes) {
    for (const arc of arcsOf(graph, node)) {
      const target = graph.ids[graph.arcs[arc] as number];
      found.push(`${id}>${target}:${graph.arcs[arc + 1]}/${graph.backs[arc + 1]}`);
    }
  }
  return found.sort();
}

export function arcsOf({ starts, degrees }: Graph, node: number): number[] {
  const start = starts[node] as number;
  return Array.from({ length: degrees[node] as number }, (_, nth) => start + nth * ARC_WORDS);
}

/** What must hold of any graph: opposite arcs point at each other and carry each other's cost. */
export function inconsistencies(graph: Graph): string[] {
  const wrong: string[] = [];
  for (const [id, node] of graph.nodes) {
    for (const arc of arcsOf(graph, node)) {
      const back = graph.backs[arc] as number;
      const mirrored =
        graph.arcs[back] === node &&
        graph.backs[back] === arc &&
        graph.arcs[back + 1] === graph.backs[arc + 1] &&
        graph.backs[back + 1] === graph.arcs[arc + 1];
      if (!mirrored) wrong.push(`arc ${arc} of ${id}`);
    }
    if ((graph.degrees[node] as number) > (graph.rooms[node] as number))
      wrong.push(`room of ${id}`);
  }
  return wrong;
}

/** The tree by id, so that graphs with other numbers can be compared. */
export function treeById(graph: Graph, tree: ShortestPathTree): Record<string, unknown> {
  return Object.fromEntries(
    [...graph.nodes].map(([id, node]) => [
      id,
      [tree.weightsUs[node], graph.ids[tree.parents[node] as number] ?? null],
    ]),
  );
}
