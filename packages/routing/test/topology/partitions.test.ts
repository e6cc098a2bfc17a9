import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { ADVERT_LIFETIME } from "../../src/link-state/advert.ts";
import { NetworkTopology } from "../../src/topology/network-topology.ts";

const nothing = { capabilities: [], tools: [], load: 0 };
let seq = 0;

/** The node "a", the links of all others as it hears of them, and what it tells. */
function setUp(): { clock: FakeClock; topology: NetworkTopology; told: unknown[]; hear: Hear } {
  const clock = new FakeClock();
  const topology = new NetworkTopology("a", { clock });
  const told: unknown[] = [];
  topology.on("partition:risk", (risk) => told.push({ event: "partition:risk", ...risk }));
  topology.on("partition:detected", (split) =>
    told.push({ event: "partition:detected", ...split }),
  );
  topology.on("partition:healed", (heal) => told.push({ event: "partition:healed", ...heal }));
  const hear: Hear = (origin, ...peers) => {
    const links = peers.map((peer) => ({ peer, costUs: 1_000 }));
    topology.applyAdvert({ origin, epoch: 1, seq: ++seq, links, ...nothing });
  };
  return { clock, topology, told, hear };
}

type Hear = (origin: string, ...peers: string[]) => void;

test("a bridge and a cut vertex are told before anything fails, with the link that would cure them", async () => {
  const { clock, topology, told, hear } = setUp();
  topology.observeLink("b", { rttMs: 2 });
  topology.observeLink("c", { rttMs: 2 });
  hear("b", "a", "c");
  hear("c", "a", "b");
  await clock.advance(50);
  expect(told).toEqual([]);
  hear("c", "a", "b", "d");
  hear("d", "c");
  await clock.advance(10_000);
  expect(told).toEqual([
    {
      event: "partition:risk",
      kind: "bridge",
      link: { source: "c", target: "d" },
      isolates: ["d"],
      suggestedLink: { source: "b", target: "d" },
    },
    {
      event: "partition:risk",
      kind: "cut-vertex",
      peerId: "c",
      isolates: ["d"],
      suggestedLink: { source: "b", target: "d" },
    },
  ]);
  expect(clock.pending).toBe(0);
});

test("the link it suggests takes the risk away, and coming back tells it again", async () => {
  const { clock, topology, told, hear } = setUp();
  topology.observeLink("b", {});
  hear("b", "a", "c");
  hear("c", "b");
  await clock.advance(60_000);
  const [first] = told as { suggestedLink: unknown }[];
  expect(first).toMatchObject({
    isolates: ["b", "c"],
    suggestedLink: { source: "a", target: "c" },
  });
  topology.observeLink("c", {});
  hear("c", "a", "b");
  hear("b", "a", "c");
  await clock.advance(30_000);
  told.length = 0;
  expect(topology.resilience()).toMatchObject({
    bridges: [],
    cutVertices: [],
    suggestedLink: undefined,
  });
  topology.dropLink("c");
  await clock.advance(30_000);
  expect(told.length).toBeGreaterThan(0);
});

test("a split is told with who is lost, and so is its end", async () => {
  const { clock, topology, told, hear } = setUp();
  topology.observeLink("b", {});
  hear("b", "a", "c");
  hear("c", "b", "d");
  hear("d", "c");
  await clock.advance(60_000);
  told.length = 0;
  hear("b", "a");
  await clock.advance(20_000);
  expect(told).toEqual([
    {
      event: "partition:detected",
      lost: ["c", "d"],
      reachable: 2,
      suggestedLink: { source: "a", target: "c" },
    },
  ]);
  hear("b", "a", "c");
  await clock.advance(20_000);
  expect(told.slice(1)).toMatchObject([
    { event: "partition:healed", healed: ["c", "d"], lost: [] },
    { event: "partition:risk", kind: "bridge", link: { source: "b", target: "c" } },
    { event: "partition:risk", kind: "cut-vertex", peerId: "b", isolates: ["c", "d"] },
    { event: "partition:risk", kind: "bridge", link: { source: "c", target: "d" } },
    { event: "partition:risk", kind: "cut-vertex", peerId: "c", isolates: ["d"] },
  ]);
});

test("a peer that says goodbye, and one that is removed, is not lost; one that falls silent is", async () => {
  const { clock, topology, told, hear } = setUp();
  for (const id of ["b", "c", "d"]) {
    topology.observeLink(id, {});
    hear(id, "a");
  }
  await clock.advance(10_000);
  told.length = 0;
  topology.applyAdvert({ origin: "b", epoch: 1, seq: ++seq, links: [], ...nothing, ttlMs: 0 });
  topology.dropLink("b");
  topology.removePeer("c");
  await clock.advance(20_000);
  expect(told).toEqual([]);
  topology.dropLink("d");
  await clock.advance(ADVERT_LIFETIME);
  expect(topology.peer("d")).toBeUndefined();
  expect(told).toMatchObject([{ event: "partition:detected", lost: ["d"], reachable: 1 }]);
});

test("while changes never end it looks rarely, and without listeners never", async () => {
  const { clock, topology, hear } = setUp();
  topology.observeLink("b", {});
  let looks = 0;
  topology.on("partition:risk", () => {
    looks += 1;
  });
  for (let change = 0; change < 100; change++) {
    if (change % 2 === 0) hear("b", "a", `c${change}`);
    hear(`c${change}`, "b");
    await clock.advance(100);
  }
  expect(looks).toBeLessThan(20);
  const unheard = new NetworkTopology("a", { clock });
  await clock.advance(60_000);
  unheard.observeLink("b", {});
  expect(clock.pending).toBe(0);
});

test("closing takes the timer away, twice too", () => {
  const { clock, topology } = setUp();
  topology.observeLink("b", {});
  expect(clock.pending).toBe(1);
  topology.close();
  topology.close();
  expect(clock.pending).toBe(0);
});

test("who begins to listen when all is quiet hears of the risks there are, once", async () => {
  const clock = new FakeClock();
  const topology = new NetworkTopology("a", { clock });
  topology.observeLink("b", {});
  await clock.advance(60_000);
  expect(clock.pending).toBe(0);
  const told: unknown[] = [];
  topology.on("partition:risk", ({ isolates }) => told.push(isolates));
  await clock.advance(60_000);
  expect(told).toEqual([["b"]]);
  topology.on("partition:detected", () => {});
  expect(clock.pending).toBe(0);
  const other = new NetworkTopology("a", { clock });
  other.observeLink("c", {});
  const next = other.once("partition:risk");
  await clock.advance(60_000);
  expect((await next)[0].isolates).toEqual(["c"]);
});

test("once closed nothing is told any more, also when a listener closed it in the middle of what is told", async () => {
  const { clock, topology, told, hear } = setUp();
  topology.on("partition:risk", () => topology.close());
  topology.observeLink("b", {});
  hear("b", "a", "c");
  hear("c", "b");
  await clock.advance(60_000);
  expect(topology.resilience().bridges).toHaveLength(2);
  expect(told).toHaveLength(1);
  topology.dropLink("b");
  topology.observeLink("d", {});
  expect(clock.pending).toBe(0);
  expect(told).toHaveLength(1);
  expect(topology.findRoute("d")?.hops).toBe(1);
});

test("listeners that ask and add in the midst of an update find it done, and are told of theirs", async () => {
  const clock = new FakeClock();
  const topology = new NetworkTopology("a", { clock });
  const routes: unknown[] = [];
  topology.on("topology:updated", () => {
    routes.push(topology.findRoute("b")?.path);
    if (routes.length < 3) topology.addPeer({ peerId: `p${routes.length}` });
  });
  topology.observeLink("b", {});
  expect(routes).toEqual(Array(3).fill(["a", "b"]));
  expect(topology.peers().map(({ peerId }) => peerId)).toEqual(["b", "p1", "p2"]);
  expect(topology.version).toBe(3);
});
