// What adverts cost a node that hears a whole network, and a simulated network.
import { NetworkTopology } from "@net/routing";
import { liveThrough, twoHalves } from "../../packages/routing/test/simulation/sim-network.ts";
import { randomLinks } from "./graphs.js";
import { count, cpuUs, print, quick, ROUNDS } from "./measure.js";

const DEGREE = 8;
const SIMULATED = quick ? 50 : 1_000;

/** One node hears the adverts of a whole network, and then again, each from a second neighbour. */
export function replay(/** @type {number} */ nodes) {
  const { ids, from, to, costsUs, backCostsUs } = randomLinks(nodes, DEGREE);
  /** @type {{ peer: string, costUs: number }[][]} */
  const links = ids.map(() => []);
  for (let n = 0; n < from.length; n++) {
    const [a, b] = [from[n] ?? 0, to[n] ?? 0];
    links[a]?.push({ peer: ids[b] ?? "", costUs: costsUs[n] ?? 1 });
    links[b]?.push({ peer: ids[a] ?? "", costUs: backCostsUs[n] ?? 1 });
  }
  const adverts = ids.map((origin, n) => ({
    ...{ origin, epoch: 1, seq: 1, links: links[n] ?? [], capabilities: [], tools: [], labels: [] },
    ...{ load: 0, relay: true, ttlMs: 90_000 },
  }));
  for (const advert of adverts) advert.links.sort((a, b) => (a.peer < b.peer ? -1 : 1));
  const best = { first: Infinity, again: Infinity, route: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    const topology = new NetworkTopology("peer-0");
    for (const { peer } of links[0] ?? []) topology.observeLink(peer, {});
    const hear = () => {
      for (const advert of adverts) topology.applyAdvert(advert);
    };
    best.first = Math.min(best.first, cpuUs(hear) / nodes);
    best.route = Math.min(
      best.route,
      cpuUs(() => topology.findRoute(ids.at(-1) ?? "")),
    );
    best.again = Math.min(best.again, cpuUs(hear) / nodes);
  }
  const row = [best.first.toFixed(1), best.again.toFixed(2), (best.route / 1_000).toFixed(1)];
  const head = ["network", "an advert, µs", "a copy of it, µs", "the first route, ms"];
  print("One node hears the adverts of a network, CPU time", head, [
    [`${count(nodes)} nodes`, ...row],
  ]);
}

/** Figures of the simulation are simulated time, and the same on every machine. */
export function simulate() {
  const network = twoHalves(SIMULATED, 4, 1);
  const repeats = { checked: 0 };
  const cpu = process.cpuUsage();
  const phases = liveThrough(network, () => {
    const ids = [...network.nodes.keys()];
    for (const [index, id] of ids.entries()) {
      const path =
        network.nodes.get(id)?.topology.findRoute(ids[(index * 37) % ids.length] ?? "")?.path ?? [];
      if (new Set(path).size < path.length) throw new Error(`a route repeats a node: ${path}`);
      repeats.checked += 1;
    }
  });
  const { user } = process.cpuUsage(cpu);
  const rows = phases.map(({ name, convergenceMs, advertsPerNode }) => [
    name,
    convergenceMs.toFixed(0),
    advertsPerNode.toFixed(0),
  ]);
  const title = `A simulated network of ${count(SIMULATED)} nodes with 4 links of 1 to 20 ms each`;
  print(title, ["event", "converged after, simulated ms", "adverts carried per node"], rows);
  console.log(
    `\nNo route of ${count(repeats.checked)} repeats a node. It took ${(user / 1e6).toFixed(1)} s of CPU time.`,
  );
}
