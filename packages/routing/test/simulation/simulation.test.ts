import { seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { addNode, createGraph } from "../../src/graph/graph.ts";
import { setLink } from "../../src/graph/links.ts";
import { computeTree, createTree } from "../../src/graph/shortest-path-tree.ts";
import { costOfWeight } from "../../src/graph/weight.ts";
import { NetworkTopology } from "../../src/topology/network-topology.ts";
import { integer } from "../graph/model.ts";
import { liveThrough, type SimNetwork, twoHalves } from "./sim-network.ts";

const NODES = 200;

/**
 * What is wrong with the routes of some nodes to all others: one that repeats a node; when all is quiet, one that is missing,
 * that leads nowhere, or along a link that is gone.
 */
function wrongRoutes(network: SimNetwork, quiet: boolean): string[] {
  const wrong: string[] = [];
  for (let n = 0; n < NODES; n += 9) {
    const topology = network.nodes.get(`n${n}`)?.topology;
    const component = network.componentOf(`n${n}`);
    for (const to of network.nodes.keys()) {
      const path = topology?.findRoute(to)?.path;
      if (path && new Set(path).size < path.length) wrong.push(`${path} repeats a node`);
      if (!quiet) continue;
      if ((path !== undefined) !== component.has(to)) wrong.push(`n${n} to ${to}: ${path}`);
      const gone = path
        ?.slice(1)
        .find((id, i) => !network.nodes.get(path[i] ?? "")?.neighbours.has(id));
      if (gone) wrong.push(`${path} has no link to ${gone}`);
    }
  }
  return wrong;
}

test("200 nodes boot, lose a tenth of their links, split and heal", { timeout: 60_000 }, () => {
  const network = twoHalves(NODES, 3, 1);
  const parts: number[] = [];
  const phases = liveThrough(network, (_, quiet) => {
    expect(wrongRoutes(network, quiet)).toEqual([]);
    if (quiet) parts.push(network.nodes.get("n0")?.topology.getNetworkStats().partitions ?? 0);
  });
  const [boot, lost, split, healed] = phases;
  // Some ten links of at most 20 ms each, after the 20 ms in which changes are gathered; a digest comes within a second.
  expect(Math.max(lost?.convergenceMs ?? 0, split?.convergenceMs ?? 0)).toBeLessThan(400);
  expect(Math.max(boot?.convergenceMs ?? 0, healed?.convergenceMs ?? 0)).toBeLessThan(1_400);
  // A node of three links hears each advert once from each neighbour at most, and sends it to the others.
  expect(boot?.advertsPerNode).toBeLessThan(NODES * 4);
  expect(lost?.advertsPerNode).toBeLessThan(NODES * 2);
  expect(split?.advertsPerNode).toBeLessThan(NODES);
  expect(healed?.advertsPerNode).toBeLessThan(NODES * 2);
  expect(parts[0]).toBe(1);
  expect(parts[2]).toBeGreaterThan(parts[1] ?? 0);
  expect(parts[3]).toBe(parts[1]);
});

test("one node replays the adverts of 10,000 nodes, in any order, and finds the cheapest ways", () => {
  const rng = seededRng(5);
  const count = 10_000;
  const graph = createGraph();
  for (let n = 0; n < count; n++) addNode(graph, `n${n}`);
  for (let n = 0; n < count * 4; n++) {
    const [a, b] = [integer(rng, count), integer(rng, count)];
    if (a !== b) setLink(graph, a, b, 1_000 + integer(rng, 50_000), 1_000 + integer(rng, 50_000));
  }
  const topology = new NetworkTopology("n0", {
    clock: new FakeClock(),
    cost: ({ rttMs = 0 }) => rttMs,
  });
  for (let n = count - 1; n >= 0; n--) {
    const start = graph.starts[n] as number;
    const arcs = graph.arcs.subarray(start, start + (graph.degrees[n] as number) * 2);
    const links = Array.from({ length: arcs.length / 2 }, (_, i) => ({
      peer: `n${arcs[2 * i]}`,
      costUs: arcs[2 * i + 1] as number,
    }));
    if (n === 0)
      for (const { peer, costUs } of links) topology.observeLink(peer, { rttMs: costUs });
    else
      topology.applyAdvert({
        origin: `n${n}`,
        epoch: 1,
        seq: 1,
        links,
        capabilities: [],
        tools: [],
        load: 0,
      });
  }
  const tree = createTree(graph, 0);
  computeTree(graph, tree);
  for (let n = 1; n < count; n += 97) {
    const route = topology.findRoute(`n${n}`);
    const weightUs = tree.weightsUs[n] as number;
    if (weightUs === Number.POSITIVE_INFINITY) expect(route).toBeUndefined();
    else expect(route?.costUs).toBe(costOfWeight(weightUs, route?.hops ?? 0));
  }
  expect(topology.getNetworkStats()).toMatchObject({ totalNodes: count, exact: false });
});
