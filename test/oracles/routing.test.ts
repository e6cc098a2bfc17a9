import { seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { NetworkTopology, type Route } from "@net/routing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Oracle,
  type OracleAnswer,
  type OracleQuestion,
  requireNetworkx,
  startOracle,
} from "./networkx.ts";

const python = requireNetworkx();
const RANDOM_GRAPHS = 1_000;
const PATHS = 6;

/** The generators of networkx that people know, and what they are given. */
const families: readonly (readonly [name: string, args: readonly unknown[]])[] = [
  ["path_graph", [2]],
  ["path_graph", [40]],
  ["cycle_graph", [3]],
  ["cycle_graph", [31]],
  ["star_graph", [20]],
  ["wheel_graph", [12]],
  ["complete_graph", [12]],
  ["complete_bipartite_graph", [4, 7]],
  ["grid_2d_graph", [6, 9]],
  ["ladder_graph", [15]],
  ["circular_ladder_graph", [9]],
  ["barbell_graph", [6, 3]],
  ["lollipop_graph", [6, 8]],
  ["hypercube_graph", [6]],
  ["petersen_graph", []],
  ["dodecahedral_graph", []],
  ["tutte_graph", []],
  ["balanced_tree", [3, 4]],
  ["binomial_tree", [6]],
  ["karate_club_graph", []],
  ["empty_graph", [5]],
  ["caveman_graph", [4, 5]],
  ["connected_caveman_graph", [5, 4]],
  ["windmill_graph", [4, 5]],
  ["turan_graph", [13, 4]],
  ["barabasi_albert_graph", [120, 3, 1]],
  ["watts_strogatz_graph", [120, 6, 0.2, 1]],
  ["gnp_random_graph", [150, 0.02, 1]],
  ["random_regular_graph", [8, 100, 1]],
];

describe.runIf(python)("routing agrees with networkx", () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = startOracle(python as string);
  });
  afterAll(() => oracle[Symbol.asyncDispose]());

  test(`on ${RANDOM_GRAPHS} random graphs`, { timeout: 120_000 }, async () => {
    const rng = seededRng(20_261_121);
    const answers = Array.from({ length: RANDOM_GRAPHS }, () => {
      const question = randomQuestion((below) => Math.floor(rng.next() * below));
      return { question, answer: oracle.ask(question) };
    });
    for (const { question, answer } of answers) compare(question, await answer);
  });

  test.each(families)("on %s(%j)", { timeout: 60_000 }, async (family, args) => {
    const question = { family, args, source: "n0", target: "n1", k: PATHS };
    compare(question, await oracle.ask(question));
  });
});

/** Few different costs, so that ties are common; dense and sparse, whole and split. */
function randomQuestion(below: (limit: number) => number): OracleQuestion {
  const nodes = Array.from({ length: 2 + below(22) }, (_, node) => `n${node}`);
  const costs = [3, 9, 50_000][below(3)] ?? 3;
  const links = below(nodes.length * 3);
  const arcs = new Map<string, readonly [string, string, number]>();
  for (let n = 0; n < links; n++) {
    const [a, b] = [nodes[below(nodes.length)] ?? "", nodes[below(nodes.length)] ?? ""];
    if (a === b || arcs.has(`${a} ${b}`)) continue;
    arcs.set(`${a} ${b}`, [a, b, 1 + below(costs)]).set(`${b} ${a}`, [b, a, 1 + below(costs)]);
  }
  return { nodes, arcs: [...arcs.values()], source: "n0", target: "n1", k: PATHS };
}

/** The source's view of the graph, made of everybody's adverts. */
function topologyOf({ nodes, arcs }: OracleAnswer, source: string): NetworkTopology {
  const topology = new NetworkTopology(source, {
    clock: new FakeClock(),
    cost: ({ rttMs = 1 }) => rttMs,
  });
  for (const origin of nodes) {
    const links = arcs
      .filter(([from]) => from === origin)
      .map(([, peer, costUs]) => ({ peer, costUs }));
    if (origin === source)
      for (const { peer, costUs } of links) topology.observeLink(peer, { rttMs: costUs });
    else
      topology.applyAdvert({
        origin,
        epoch: 1,
        seq: 1,
        links,
        capabilities: [],
        tools: [],
        load: 0,
      });
  }
  return topology;
}

function compare({ source, target }: OracleQuestion, answer: OracleAnswer): void {
  const topology = topologyOf(answer, source);
  const costs = new Map(answer.arcs.map(([from, to, costUs]) => [`${from} ${to}`, costUs]));
  /** What the oracle says it weighs; fails if the route is not one. */
  const weigh = (route: Route): number => {
    expect(new Set(route.path).size).toBe(route.path.length);
    const steps = route.path
      .slice(1)
      .map((to, i) => costs.get(`${route.path[i]} ${to}`) ?? Number.NaN);
    expect(steps.reduce((sum, costUs) => sum + costUs, 0)).toBe(route.costUs);
    expect(route.hops).toBe(steps.length);
    return route.costUs * 4_096 + route.hops;
  };

  const routes = answer.nodes
    .map((id) => topology.findRoute(id))
    .filter((route) => route !== undefined);
  const distances = routes.map((route) => [route.path.at(-1), weigh(route)]);
  expect(Object.fromEntries(distances)).toEqual(answer.distances);

  const { components, bridges, cutVertices } = topology.resilience();
  expect(components.map((part) => [...part].sort()).sort(byText)).toEqual(
    [...answer.components].sort(byText),
  );
  expect(bridges.map(({ source, target }) => [source, target])).toEqual(answer.bridges);
  expect(cutVertices).toEqual(answer.cutVertices);

  const stats = topology.getNetworkStats();
  expect(stats).toMatchObject({
    totalNodes: answer.nodes.length,
    networkDiameter: answer.diameter,
    partitions: answer.components.length,
    exact: true,
  });
  expect(stats.averageHopCount).toBeCloseTo(answer.averageHops, 9);

  expect(topology.kShortestPaths(target, PATHS).map(weigh)).toEqual(answer.kShortest);
  const pair = topology.findDisjointRoutes(target);
  expect(pair ? weigh(pair[0]) + weigh(pair[1]) : null).toBe(answer.disjointPair);
  if (pair) expectDisjoint(...pair);
  compareBackup(topology, target, weigh, answer.backup);
}

function compareBackup(
  topology: NetworkTopology,
  target: string,
  weigh: (route: Route) => number,
  expected: number | null,
): void {
  const best = topology.findRoute(target);
  const backup = best && topology.findRoute(target, { disjointFrom: best });
  if (best && backup) expectDisjoint(best, backup);
  if (expected !== null) expect(backup ? weigh(backup) : -1).toBe(expected);
}

function expectDisjoint(one: Route, other: Route): void {
  const relays = new Set(one.path.slice(1, -1));
  expect(other.path.slice(1, -1).filter((id) => relays.has(id))).toEqual([]);
  expect(one.path).not.toEqual(other.path);
}

function byText(a: readonly string[], b: readonly string[]): number {
  return `${a}` < `${b}` ? -1 : 1;
}
