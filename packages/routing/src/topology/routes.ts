import type { Clock } from "@net/core";
import { hopsTo, isReached, pathTo } from "../graph/shortest-path-tree.ts";
import { costOfWeight } from "../graph/weight.ts";
import { invalid } from "../names.ts";
import { boundedPath } from "../paths/bounded-path.ts";
import { disjointPair } from "../paths/disjoint-pair.ts";
import { kShortestPaths } from "../paths/k-shortest.ts";
import { type NodePath, PathSearch } from "../paths/path-search.ts";
import { CostSmoother } from "./cost-smoother.ts";
import { type Claims, LinkGraph } from "./link-graph.ts";

/** The most ways that can be asked for at once. */
const MAX_PATHS = 1_000;

/** A way to a node. */
export interface Route {
  /** The peers on it, this node first, the destination last. */
  readonly path: readonly string[];
  readonly costUs: number;
  /** How many links it has. */
  readonly hops: number;
  /** The topology's version it was made from; a higher one there may know better. */
  readonly version: number;
}

/** What a route must not share. */
export interface RouteOptions {
  /** Peers that must not be on it. */
  readonly avoid?: readonly string[] | ReadonlySet<string> | undefined;
  /** A route to the same destination, of which it may share the ends only: no relay, and no link. */
  readonly disjointFrom?: Pick<Route, "path"> | undefined;
  /** The most links it may have. Default: as many as it takes. */
  readonly maxHops?: number | undefined;
}

/** How a node is reached. */
export interface Reach {
  readonly pathCostUs: number;
  readonly hops: number;
}

/**
 * Answers questions for ways through a {@link LinkGraph}. The way handed out for a destination changes only when another is
 * cheaper both now and with short peaks smoothed away, so that traffic does not flap between ways that are nearly equal;
 * as babeld does. A way that has lost a link is given up at once.
 */
export class Routes {
  readonly links: LinkGraph;
  readonly #selfId: string;
  readonly #smoother: CostSmoother;
  /** The way last handed out for each destination. */
  readonly #held = new Map<string, Route>();
  #search: PathSearch;

  constructor(selfId: string, clock: Clock) {
    this.#selfId = selfId;
    this.#smoother = new CostSmoother(clock);
    this.links = new LinkGraph(selfId, this.#smoother);
    this.#search = new PathSearch(this.links.graph);
  }

  set(id: string, claims: Claims, relay: boolean): boolean {
    return this.links.set(id, claims, relay);
  }

  remove(id: string): boolean {
    this.#held.delete(id);
    return this.links.remove(id);
  }

  /** The cheapest way's cost and length; undefined without one. */
  reach(id: string): Reach | undefined {
    const node = this.links.graph.nodes.get(id);
    const { tree } = this.links;
    if (node === undefined || !isReached(tree, node)) return undefined;
    const hops = hopsTo(tree, node);
    return { pathCostUs: costOfWeight(tree.weightsUs[node] as number, hops), hops };
  }

  /** The way to take. */
  to(id: string, version: number): Route | undefined {
    const held = this.#held.get(id);
    if (held?.version === version && this.#smoother.isQuiet) return held;
    const best = this.#best(id, version);
    const route = best && held && this.#mayStay(held, best) ? this.#again(held, version) : best;
    if (route) this.#held.set(id, route);
    else this.#held.delete(id);
    return route;
  }

  /** The way to take, unless it is too long: then the cheapest that is not. */
  within(id: string, maxHops: number, version: number): Route | undefined {
    const route = this.to(id, version);
    if (!route || route.hops <= maxHops) return route;
    const ends = [this.links.self, this.links.graph.nodes.get(id) as number] as const;
    return this.#toRoute(boundedPath(this.links.graph, ends, maxHops), version);
  }

  /** The cheapest way that shares nothing it must not. @throws ValidationError */
  around(id: string, options: RouteOptions, version: number): Route | undefined {
    const to = this.links.graph.nodes.get(id);
    const closed = this.#closed(unwantedOf(options));
    if (to === undefined || closed[to] === 1) return undefined;
    const isDirect = options.disjointFrom?.path.length === 2;
    const obstacles = { nodes: closed, afterSource: isDirect ? new Set([to]) : undefined };
    if (this.#search.isOutgrown) this.#search = new PathSearch(this.links.graph);
    const path = this.#search.find(this.links.self, to, obstacles);
    const { maxHops = Number.POSITIVE_INFINITY } = options;
    if (!path || path.nodes.length - 1 <= maxHops) return this.#toRoute(path, version);
    const ends = [this.links.self, to] as const;
    return this.#toRoute(boundedPath(this.links.graph, ends, maxHops, obstacles), version);
  }

  /** The `k` cheapest ways. @throws ValidationError */
  shortest(id: string, k: number, version: number): Route[] {
    if (!Number.isInteger(k) || k < 1 || k > MAX_PATHS) {
      throw invalid(`a whole number from 1 to ${MAX_PATHS}`, "k");
    }
    const to = this.links.graph.nodes.get(id);
    if (to === undefined) return [];
    const paths = kShortestPaths(this.links.graph, this.links.self, to, k);
    return paths.map((path) => this.#toRoute(path, version) as Route);
  }

  /** The two cheapest ways that share nothing but their ends. */
  pair(id: string, version: number): readonly [Route, Route] | undefined {
    const to = this.links.graph.nodes.get(id);
    const pair = to === undefined ? undefined : disjointPair(this.links.graph, this.links.tree, to);
    return (
      pair && [this.#toRoute(pair[0], version) as Route, this.#toRoute(pair[1], version) as Route]
    );
  }

  #best(id: string, version: number): Route | undefined {
    const node = this.links.graph.nodes.get(id);
    if (node === undefined) return undefined;
    const { tree } = this.links;
    const nodes = pathTo(tree, node);
    return this.#toRoute(nodes && { nodes, weightUs: tree.weightsUs[node] as number }, version);
  }

  /** Whether the way of before is still there, and the best one not surely better. */
  #mayStay(held: Route, best: Route): boolean {
    const nowUs = this.#costUs(held.path, (_from, _to, costUs) => costUs);
    if (nowUs === undefined || this.#smoother.isQuiet) return false;
    const smooth = (from: string, to: string, costUs: number): number =>
      this.#smoother.smoothedUs(from, to, costUs);
    const [heldUs = 0, bestUs = 0] = [held, best].map(({ path }) => this.#costUs(path, smooth));
    return best.costUs >= nowUs || bestUs >= heldUs;
  }

  /** The same way, at what it costs now. */
  #again({ path, hops }: Route, version: number): Route {
    const costUs = this.#costUs(path, (_from, _to, each) => each) as number;
    return { path, hops, costUs, version };
  }

  /** The sum over a way's links; undefined if one is gone, or a relay relays no more. */
  #costUs(
    path: readonly string[],
    partUs: (from: string, to: string, costUs: number) => number,
  ): number | undefined {
    let sumUs = 0;
    for (const [index, from] of path.slice(0, -1).entries()) {
      const to = path[index + 1] as string;
      const costUs = this.links.costUs(from, to);
      if (costUs === undefined || (index > 0 && !this.links.relays(from))) return undefined;
      sumUs += partUs(from, to, costUs);
    }
    return sumUs;
  }

  #closed(ids: readonly string[]): Uint8Array {
    const { graph } = this.links;
    const closed = new Uint8Array(graph.starts.length);
    for (const id of ids) {
      const node = graph.nodes.get(id);
      if (node !== undefined && id !== this.#selfId) closed[node] = 1;
    }
    return closed;
  }

  #toRoute(path: NodePath | undefined, version: number): Route | undefined {
    if (!path) return undefined;
    const hops = path.nodes.length - 1;
    const names = path.nodes.map((node) => this.links.graph.ids[node] as string);
    return { path: names, costUs: costOfWeight(path.weightUs, hops), hops, version };
  }
}

/** The peers that a way must not lead over. @throws ValidationError */
function unwantedOf({ avoid = [], disjointFrom }: RouteOptions): string[] {
  const path = disjointFrom === undefined ? [] : disjointFrom.path;
  if (!isList(avoid)) throw invalid("a list or set of peer ids", "avoid");
  if (!Array.isArray(path)) throw invalid("a route", "disjointFrom");
  return [...avoid, ...path.slice(1, -1)];
}

/** True for what lists ids; a text would list its letters. */
function isList(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
