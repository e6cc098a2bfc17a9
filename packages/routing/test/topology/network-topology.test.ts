import { ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { ADVERT_LIFETIME, type LinkStateAdvert } from "../../src/link-state/advert.ts";
import { NetworkTopology } from "../../src/topology/network-topology.ts";
import type { TopologyUpdate } from "../../src/topology/topology-events.ts";

/** The node "a" on a fake clock, and what it tells. */
function setUp(): { clock: FakeClock; topology: NetworkTopology; updates: TopologyUpdate[] } {
  const clock = new FakeClock();
  const topology = new NetworkTopology("a", { clock });
  const updates: TopologyUpdate[] = [];
  topology.on("topology:updated", (update) => updates.push(update));
  return { clock, topology, updates };
}

let seq = 0;

/** An advert newer than all before, with links of these costs. */
function advert(origin: string, costs: Record<string, number>, more = {}): LinkStateAdvert {
  const links = Object.entries(costs).map(([peer, costUs]) => ({ peer, costUs, rttMs: 1 }));
  return {
    ...{ origin, epoch: 1, seq: ++seq, links },
    ...{ capabilities: [], tools: [], labels: [], load: 0, relay: true },
    ...{ ttlMs: ADVERT_LIFETIME, ...more },
  };
}

test("three nodes learn of each other by their adverts, and route over the one in the middle", () => {
  const clock = new FakeClock();
  const [a, b, c] = ["a", "b", "c"].map((id) => new NetworkTopology(id, { clock })) as [
    NetworkTopology,
    NetworkTopology,
    NetworkTopology,
  ];
  a.observeLink("b", { rttMs: 2 });
  b.observeLink("a", { rttMs: 2 });
  b.observeLink("c", { rttMs: 6 });
  c.observeLink("b", { rttMs: 6 });
  for (const from of [a, b, c]) {
    const sent = JSON.parse(JSON.stringify(from.localAdvert()));
    for (const to of [a, b, c]) if (to !== from) expect(to.applyAdvert(sent)).toBe("applied");
  }
  expect(a.findRoute("c")).toEqual({
    path: ["a", "b", "c"],
    costUs: 6_000,
    hops: 2,
    version: a.version,
  });
  expect(c.findRoute("a")?.path).toEqual(["c", "b", "a"]);
  expect(a.getNetworkStats()).toEqual({
    totalNodes: 3,
    directConnections: 1,
    indirectConnections: 1,
    averageHopCount: 4 / 3,
    averageLatency: 4,
    networkDiameter: 2,
    partitions: 1,
    scope: "network",
    exact: true,
  });
});

test("a neighbour that has advertised nothing yet is reached over the link to it", () => {
  const { topology } = setUp();
  topology.observeLink("b", { rttMs: 2 });
  expect(topology.findRoute("b")).toMatchObject({ path: ["a", "b"], costUs: 2_000 });
  topology.dropLink("b");
  expect(topology.findRoute("b")).toBeUndefined();
});

test("a route whose relay relays no more is given up at once, even where costs have just changed", () => {
  const { topology } = setUp();
  for (const id of ["b", "c"]) topology.observeLink(id, { rttMs: 2 });
  topology.applyAdvert(advert("b", { a: 2_000, d: 2_000 }));
  topology.applyAdvert(advert("c", { a: 2_000, d: 9_000 }));
  topology.applyAdvert(advert("d", { b: 2_000, c: 9_000 }));
  expect(topology.findRoute("d")?.path).toEqual(["a", "b", "d"]);
  topology.observeLink("b", { rttMs: 40 });
  expect(topology.findRoute("d")?.path).toEqual(["a", "b", "d"]);
  topology.applyAdvert(advert("b", { a: 2_000, d: 2_000 }, { relay: false }));
  expect(topology.findRoute("d")?.path).toEqual(["a", "c", "d"]);
});

test("a link counts only while both ends advertise it", () => {
  const { topology } = setUp();
  topology.observeLink("b", { rttMs: 2 });
  topology.applyAdvert(advert("b", { c: 1_000 }));
  expect(topology.findRoute("b")).toBeUndefined();
  topology.applyAdvert(advert("b", { a: 1_000, c: 1_000 }));
  expect(topology.findRoute("b")?.hops).toBe(1);
  expect(topology.findRoute("c")).toBeUndefined();
  topology.applyAdvert(advert("c", { b: 1_000 }));
  expect(topology.findRoute("c")?.path).toEqual(["a", "b", "c"]);
  topology.applyAdvert(advert("c", {}));
  expect(topology.findRoute("c")).toBeUndefined();
});

test("a node that claims a link to us that we do not have is not a neighbour", () => {
  const { topology } = setUp();
  topology.applyAdvert(advert("liar", { a: 1 }));
  expect(topology.findRoute("liar")).toBeUndefined();
  expect(topology.getNetworkStats()).toMatchObject({ directConnections: 0, partitions: 2 });
});

test("the way to itself has no hops, the way to a stranger does not exist", () => {
  const { topology } = setUp();
  expect(topology.findRoute("a")).toMatchObject({ path: ["a"], costUs: 0, hops: 0 });
  expect(topology.findRoute("nobody")).toBeUndefined();
});

test("a link that gets worse gives way to a detour, once it is no short peak", async () => {
  const { clock, topology } = setUp();
  for (const id of ["b", "c"]) topology.observeLink(id, { rttMs: 2 });
  topology.applyAdvert(advert("b", { a: 2_000, c: 2_000 }));
  topology.applyAdvert(advert("c", { a: 2_000, b: 2_000 }));
  expect(topology.findRoute("c")?.path).toEqual(["a", "c"]);
  topology.observeLink("c", { lossRatio: 0.9 });
  expect(topology.findRoute("c")).toMatchObject({ path: ["a", "c"], costUs: 20_000 });
  expect(topology.findRoute("c", { avoid: [] })?.path).toEqual(["a", "b", "c"]);
  await clock.advance(2_000);
  expect(topology.findRoute("c")?.path).toEqual(["a", "b", "c"]);
});

test("a peak that passes moves no route, and a link that is lost moves it at once", async () => {
  const { clock, topology } = setUp();
  for (const id of ["b", "c"]) topology.observeLink(id, { rttMs: 2 });
  topology.applyAdvert(advert("b", { a: 2_000, c: 2_000 }));
  topology.applyAdvert(advert("c", { a: 2_000, b: 2_000 }));
  expect(topology.findRoute("c")?.hops).toBe(1);
  topology.observeLink("c", { rttMs: 30 });
  expect(topology.findRoute("c")?.hops).toBe(1);
  await clock.advance(500);
  topology.observeLink("c", { rttMs: 2 });
  await clock.advance(60_000);
  expect(topology.findRoute("c")?.hops).toBe(1);
  topology.applyAdvert(advert("b", { a: 2_000, c: 2_000 }));
  topology.applyAdvert(advert("c", { a: 2_000, b: 2_000 }));
  topology.observeLink("c", { rttMs: 30 });
  topology.dropLink("c");
  expect(topology.findRoute("c")?.hops).toBe(2);
});

test("small changes of a link move neither its cost nor the version", () => {
  const { topology, updates } = setUp();
  topology.observeLink("b", { rttMs: 20 });
  topology.observeLink("b", { rttMs: 21 });
  expect(topology.peer("b")?.link).toMatchObject({ rttMs: 21, costUs: 11_000 });
  expect(updates).toEqual([{ version: 1, change: "link" }]);
  topology.observeLink("b", { rttMs: 40 });
  expect(topology.findRoute("b")).toMatchObject({ costUs: 21_000, version: 2 });
});

test("the first measured round trip shows, even where the cost stays", () => {
  const { topology } = setUp();
  topology.observeLink("b", {});
  expect(topology.getNetworkStats().averageLatency).toBe(0);
  topology.observeLink("b", { rttMs: 100 });
  expect(topology.getNetworkStats().averageLatency).toBe(100);
});

test("many small changes add up to one that counts", () => {
  const { topology } = setUp();
  for (let rttMs = 20; rttMs <= 40; rttMs++) topology.observeLink("b", { rttMs });
  expect(topology.findRoute("b")?.costUs).toBeGreaterThan(18_000);
});

test("what an observation leaves out keeps its last value", () => {
  const { topology } = setUp();
  topology.observeLink("b", { rttMs: 2, bytesPerSecond: 1e6 });
  topology.observeLink("b", { jitterMs: 1, rttMs: undefined });
  expect(topology.peer("b")?.link).toMatchObject({ rttMs: 2, jitterMs: 1, bytesPerSecond: 1e6 });
});

test("an advert is applied once; an older one is stale; a forged twin is rejected and reported", () => {
  const { topology } = setUp();
  const reasons: string[] = [];
  topology.on("advert:rejected", ({ error }) => reasons.push(error.code));
  const [older, newer] = [advert("b", {}), advert("b", {}, { tools: ["x"] })];
  expect(topology.applyAdvert(newer)).toBe("applied");
  expect(topology.applyAdvert(newer)).toBe("stale");
  expect(topology.applyAdvert(older)).toBe("stale");
  expect(topology.applyAdvert({ ...newer, tools: ["y"] })).toBe("rejected");
  expect(topology.peer("b")?.tools).toEqual(["x"]);
  expect(reasons).toEqual(["CONFLICT"]);
});

test("malformed adverts and those in our own name are rejected and change nothing", () => {
  const { topology, updates } = setUp();
  const reasons: string[] = [];
  topology.on("advert:rejected", ({ error }) => reasons.push(error.message));
  expect(topology.applyAdvert(advert("a", { b: 1 }, { epoch: Date.UTC(2026, 0, 1) + 1 }))).toBe(
    "rejected",
  );
  expect(topology.applyAdvert(null)).toBe("rejected");
  expect(topology.applyAdvert({ ...advert("b", {}), load: -1 })).toBe("rejected");
  expect(topology.applyAdvert(topology.localAdvert())).toBe("stale");
  expect(reasons).toEqual([
    "an advert in the name of a is newer than its own",
    "advert must be an object",
    "advert.load must be a number from 0 to 1",
  ]);
  expect(updates).toEqual([]);
});

test("a refresh that says the same is applied, but is no update", () => {
  const { topology, updates } = setUp();
  topology.applyAdvert(advert("b", { c: 1 }));
  expect(topology.applyAdvert(advert("b", { c: 1 }))).toBe("applied");
  expect(updates).toEqual([{ version: 1, change: "advert" }]);
});

test("an advert that is not refreshed expires, and the next question notices", async () => {
  const { clock, topology, updates } = setUp();
  topology.observeLink("b", { rttMs: 2 });
  topology.applyAdvert(advert("b", { a: 1_000, c: 1_000 }));
  topology.applyAdvert(advert("c", { b: 1_000 }));
  expect(topology.findRoute("c")?.hops).toBe(2);
  await clock.advance(ADVERT_LIFETIME - 1);
  expect(topology.findRoute("c")?.hops).toBe(2);
  topology.applyAdvert(advert("b", { a: 1_000, c: 1_000 }));
  await clock.advance(1);
  expect(topology.findRoute("c")).toBeUndefined();
  expect(topology.peer("c")).toBeUndefined();
  expect(topology.findRoute("b")?.hops).toBe(1);
  expect(updates.at(-1)?.change).toBe("expiry");
  expect(clock.pending).toBe(0);
});

test("the local advert rises by one each time and keeps what it is not told anew", () => {
  const { clock, topology } = setUp();
  topology.observeLink("b", { rttMs: 2 });
  const first = topology.localAdvert({ tools: ["search"], capabilities: ["cpu"], name: "A" });
  expect(first).toEqual({
    origin: "a",
    epoch: clock.nowMs(),
    seq: 1,
    links: [{ peer: "b", costUs: 2_000, rttMs: 2 }],
    capabilities: ["cpu"],
    tools: ["search"],
    labels: [],
    load: 0,
    relay: true,
    ttlMs: 90_000,
    name: "A",
  });
  topology.dropLink("b");
  expect(topology.localAdvert({ load: 0.5 })).toEqual({ ...first, seq: 2, links: [], load: 0.5 });
});

test("an unmeasured link is advertised without a round-trip time", () => {
  const { topology } = setUp();
  topology.observeLink("b", {});
  expect(topology.localAdvert().links).toEqual([{ peer: "b", costUs: 51_000 }]);
});

test("a node that starts again is newer than it was before", async () => {
  const clock = new FakeClock();
  const observer = new NetworkTopology("a", { clock });
  const before = new NetworkTopology("b", { clock });
  before.localAdvert();
  observer.applyAdvert(before.localAdvert());
  await clock.advance(1);
  const after = new NetworkTopology("b", { clock });
  expect(observer.applyAdvert(after.localAdvert())).toBe("applied");
});

test("a description that no advert may carry is refused, and the next advert is as before", () => {
  const { topology } = setUp();
  topology.localAdvert({ tools: ["search"] });
  expect(() => topology.localAdvert({ load: 2 })).toThrow(
    "advert.load must be a number from 0 to 1",
  );
  expect(topology.localAdvert()).toMatchObject({ seq: 2, tools: ["search"], load: 0 });
});

test("peers are listed with what was added until they speak for themselves", () => {
  const { topology } = setUp();
  topology.addPeer({ peerId: "c", name: "Cellar", tools: ["old"] });
  topology.addPeer({ peerId: "b", capabilities: ["gpu"] });
  const idle = { labels: [], relay: true, load: 0 };
  expect(topology.peers()).toEqual([
    { peerId: "b", capabilities: ["gpu"], tools: [], ...idle, reachable: false },
    { peerId: "c", name: "Cellar", capabilities: [], tools: ["old"], ...idle, reachable: false },
  ]);
  topology.observeLink("c", { rttMs: 2 });
  topology.applyAdvert(advert("c", { a: 1_000 }, { tools: ["new"], load: 0.5 }));
  expect(topology.peer("c")).toEqual({
    peerId: "c",
    name: "Cellar",
    capabilities: [],
    tools: ["new"],
    labels: [],
    relay: true,
    load: 0.5,
    reachable: true,
    pathCostUs: 2_000,
    hops: 1,
    link: { rttMs: 2, costUs: 2_000 },
  });
  expect(topology.peer("a")).toBeUndefined();
});

test("what the cheapest route costs is told as a peer tells it", () => {
  const topology = new NetworkTopology("a");
  topology.addPeer({ peerId: "unlinked" });
  topology.observeLink("b", { rttMs: 2 });
  expect(topology.pathCostUs("b")).toBe(topology.peer("b")?.pathCostUs);
  expect(topology.pathCostUs("b")).toBeGreaterThan(0);
  expect(["a", "unlinked", "nobody"].map((id) => topology.pathCostUs(id))).toEqual([
    ...[undefined, undefined, undefined],
  ]);
});

test("adding a peer again is an update only when it says something else", () => {
  const { topology, updates } = setUp();
  topology.addPeer({ peerId: "b", tools: ["x"] });
  topology.addPeer({ peerId: "b", tools: ["x"] });
  expect(updates).toHaveLength(1);
  topology.addPeer({ peerId: "b", tools: ["y"] });
  expect(updates).toHaveLength(2);
});

test("a removed peer is forgotten until it advertises anew", () => {
  const { topology } = setUp();
  topology.addPeer({ peerId: "b" });
  topology.observeLink("b", {});
  const last = advert("b", { a: 1 });
  topology.applyAdvert(last);
  expect(topology.removePeer("b")).toBe(true);
  expect(topology.peers()).toEqual([]);
  expect(topology.removePeer("b")).toBe(false);
  expect(topology.applyAdvert(last)).toBe("stale");
  expect(topology.applyAdvert(advert("b", {}))).toBe("applied");
});

test("the drawing has every node, and every link once with both costs", () => {
  const { topology } = setUp();
  topology.localAdvert({ name: "A", tools: ["t"] });
  topology.observeLink("b", { rttMs: 3 });
  topology.applyAdvert(advert("b", { a: 1_500, c: 1_000 }));
  topology.addPeer({ peerId: "z" });
  const empty = { capabilities: [], tools: [], load: 0, relay: true };
  expect(topology.getTopologyGraph()).toEqual({
    nodes: [
      { id: "a", name: "A", self: true, ...empty, tools: ["t"], hops: 0 },
      { id: "b", self: false, ...empty, hops: 1 },
      { id: "z", self: false, ...empty },
    ],
    edges: [{ source: "a", target: "b", costUs: 2_500, reverseCostUs: 1_500, rttMs: 2 }],
  });
});

test("a cost function of one's own decides", () => {
  const topology = new NetworkTopology("a", {
    cost: ({ bytesPerSecond = 1 }) => 1e9 / bytesPerSecond,
  });
  topology.observeLink("b", { bytesPerSecond: 1e6 });
  expect(topology.findRoute("b")?.costUs).toBe(1_000);
});

test("wrong arguments are ValidationErrors and change nothing", () => {
  const { topology, updates } = setUp();
  expect(() => new NetworkTopology("")).toThrow(ValidationError);
  expect(() => new NetworkTopology("a", { epoch: -1 })).toThrow("epoch must be a whole number");
  expect(() => topology.addPeer({ peerId: "a" })).toThrow("a is this node itself");
  expect(() => topology.addPeer({ peerId: "b", tools: [""] })).toThrow("peer.tools must be a list");
  expect(() => topology.observeLink("a", {})).toThrow(ValidationError);
  expect(() => topology.observeLink("b", { rttMs: Number.NaN })).toThrow(
    "metrics.rttMs must be a finite number of 0 or more",
  );
  for (const none of [null, undefined, [], "b"] as never[]) {
    expect(() => topology.addPeer(none)).toThrow("peer must be an object");
    expect(() => topology.observeLink("b", none)).toThrow("metrics must be an object");
  }
  expect(() => topology.observeLink("b", { lossRatio: 1.5 })).toThrow(
    "metrics.lossRatio must be a number from 0 to 1",
  );
  for (const none of [{ avoid: 5 }, { avoid: "b" }, { disjointFrom: {} }] as never[]) {
    expect(() => topology.findRoute("b", none)).toThrow(ValidationError);
  }
  expect(updates).toEqual([]);
  expect(topology.peers()).toEqual([]);
});

test("who does not listen any more is not told", async () => {
  const { topology, updates } = setUp();
  const next = topology.once("topology:updated");
  const seen: TopologyUpdate[] = [];
  const listener = (update: TopologyUpdate): void => void seen.push(update);
  topology.on("topology:updated", listener);
  topology.addPeer({ peerId: "b" });
  topology.off("topology:updated", listener);
  topology.addPeer({ peerId: "c" });
  expect(await next).toEqual([{ version: 1, change: "peer" }]);
  expect(seen).toHaveLength(1);
  expect(updates).toHaveLength(2);
});

test("the ids of all that can be reached are those of the peers that say so, and this node's own", () => {
  const topology = new NetworkTopology("a", { clock: new FakeClock() });
  topology.addPeer({ peerId: "unreachable" });
  topology.observeLink("b", { rttMs: 1 });
  const reached = topology.peers().filter(({ reachable }) => reachable);
  expect(topology.reachable()).toEqual(new Set(["a", ...reached.map(({ peerId }) => peerId)]));
  expect(topology.reachable()).toEqual(new Set(["a", "b"]));
});
