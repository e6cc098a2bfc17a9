import { buildGraph, type Graph, type LinkTable } from "./graph.ts";
import { pathTo, type ShortestPathTree, shortestPathTree } from "./shortest-path.ts";
import { type NetworkStats, networkStats } from "./stats.ts";
import { edgesOf, type TopologyEdge } from "./topology-graph.ts";

/** A way to a node, the cheapest one when it was asked for. */
export interface Route {
  /** The peers on it, this node first, the destination last. */
  readonly path: readonly string[];
  readonly costUs: number;
  /** How many links it has. */
  readonly hops: number;
  /** The topology's version it was made from; a higher one there may know better. */
  readonly version: number;
}

/** The node that looks: the first in its link table. */
const SELF = 0;

/** The network between two changes: everything that is computed from one state of it, each thing once. */
export class NetworkView {
  readonly version: number;
  readonly #graph: Graph;
  readonly #tree: ShortestPathTree;
  #stats: NetworkStats | undefined;

  /** @param table all nodes, the one that looks first. */
  constructor(version: number, table: LinkTable) {
    this.version = version;
    this.#graph = buildGraph(table);
    this.#tree = shortestPathTree(this.#graph, SELF);
  }

  /** All known nodes, the one that looks first. */
  get ids(): readonly string[] {
    return this.#graph.ids;
  }

  has(id: string): boolean {
    return this.#graph.indexOf.has(id);
  }

  /** What the cheapest way to that node costs; undefined without one. */
  reach(id: string): { readonly pathCostUs: number; readonly hops: number } | undefined {
    const node = this.#graph.indexOf.get(id);
    if (node === undefined) return undefined;
    const pathCostUs = this.#tree.costsUs[node] as number;
    if (pathCostUs === Number.POSITIVE_INFINITY) return undefined;
    return { pathCostUs, hops: this.#tree.hops[node] as number };
  }

  route(destination: string): Route | undefined {
    const node = this.#graph.indexOf.get(destination);
    const nodes = node === undefined ? undefined : pathTo(this.#tree, node);
    const reach = this.reach(destination);
    if (!nodes || !reach) return undefined;
    const path = nodes.map((at) => this.#graph.ids[at] as string);
    return { path, costUs: reach.pathCostUs, hops: reach.hops, version: this.version };
  }

  stats(): NetworkStats {
    this.#stats ??= networkStats(this.#graph, SELF);
    return this.#stats;
  }

  edges(): TopologyEdge[] {
    return edgesOf(this.#graph);
  }
}
