import { expect, test } from "vitest";
import { GossipKind } from "../../../src/gossip/kinds.ts";
import { peerIds } from "../support/sim-links.ts";
import { SimNetwork } from "../support/sim-network.ts";

const { advert, difference } = GossipKind;

test("thirty peers of degree 5 all know the way to each other a moment after their links came up", async () => {
  using net = new SimNetwork();
  const ids = peerIds(30);
  for (const id of ids) net.add(id);
  net.wire(ids, 5);
  await net.clock.advance(1_000);

  for (const { reachable } of net.peers.values()) expect(reachable).toHaveLength(29);
});

test("in a flood of adverts each crosses to each peer about once: the neighbours are asked which they lack", async () => {
  using net = new SimNetwork();
  const ids = peerIds(40);
  let name = "before";
  for (const id of ids) net.add(id, { describe: () => ({ name }) });
  net.wire(ids, 8);
  await net.clock.advance(2_000);
  const before = net.count(advert);
  name = "after";
  for (const { gossip } of net.peers.values()) gossip.announce();
  await net.clock.advance(2_000);

  const hears = (id: string): boolean =>
    ids.every((other) => id === other || nameOf(net, id, other) === "after");
  expect(ids.filter(hears)).toEqual(ids);
  expect(net.count(advert) - before).toBeLessThan(1.5 * ids.length * (ids.length - 1));
});

test("an advert brings name, tools and all else that its peer says of itself", async () => {
  using net = new SimNetwork();
  const describe = () => ({ name: "Anna", tools: ["search"], idempotent: ["search"], load: 0.3 });
  net.add("a", { describe, relay: false });
  net.add("b");
  net.link("a", "b");
  await net.clock.advance(300);

  expect(net.peer("b").gossip.advertOf("a")).toMatchObject({
    linkState: { origin: "a", name: "Anna", tools: ["search"], load: 0.25, relay: false },
    ...{ idempotent: ["search"], topics: [], broadcasts: 0 },
  });
});

test("the first change is told at once, and changes without end once a second at last", async () => {
  using net = new SimNetwork();
  let tools: string[] = [];
  net.add("a", { describe: () => ({ tools }) });
  net.add("b");
  net.link("a", "b");
  await net.clock.advance(5_000);
  const told: number[] = [];
  const startMs = net.clock.monotonicMs();
  net.peer("b").gossip.on("advertised", () => told.push(net.clock.monotonicMs() - startMs));
  const { latencyMs } = net.linkOf("a", "b");
  for (let i = 0; i < 500; i++) {
    tools = [`tool${i}`];
    net.peer("a").gossip.announce();
    await net.clock.advance(10);
  }

  const gaps = told.map((ms, i) => ms - (told[i - 1] ?? -latencyMs) - (i === 0 ? latencyMs : 0));
  expect(told[0]).toBe(latencyMs);
  expect(gaps.slice(1)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test("an announcement without news is none", async () => {
  using net = new SimNetwork();
  let load = 0.5;
  net.add("a", { describe: () => ({ load }) });
  net.add("b");
  net.link("a", "b");
  await net.clock.advance(5_000);
  const before = net.count(advert);
  load = 0.51;
  net.peer("a").gossip.announce();
  await net.clock.advance(5_000);

  expect(net.count(advert)).toBe(before);
});

test("adverts are repeated before they are 30 s old, not all at the same moment", async () => {
  using net = new SimNetwork();
  const ids = peerIds(6);
  for (const id of ids) net.add(id);
  net.line(...ids);
  await net.clock.advance(1_000);
  const times: number[] = [];
  net.peer("p000").gossip.on("advertised", () => times.push(net.clock.monotonicMs()));
  await net.clock.advance(90_000);

  expect(net.peer("p000").reachable).toHaveLength(5);
  expect(times.length).toBeGreaterThanOrEqual(15);
  expect(new Set(times.slice(0, 5)).size).toBe(5);
});

test("one who stops is gone everywhere at once", async () => {
  using net = new SimNetwork();
  for (const id of ["a", "b", "c"]) net.add(id);
  net.line("a", "b", "c");
  await net.clock.advance(300);
  const gone: string[] = [];
  net.peer("a").gossip.on("gone", (peerId) => gone.push(peerId));
  net.peer("c").stop();
  net.peer("c").stop();
  await net.clock.advance(50);

  expect(gone).toEqual(["c"]);
  expect(net.peer("a").gossip.advertOf("c")).toBeUndefined();
  expect(net.peer("a").reachable).toEqual(["b"]);
});

test("one who vanishes without a word is gone when its advert is out of date", async () => {
  using net = new SimNetwork();
  for (const id of ["a", "b", "c"]) net.add(id);
  net.line("a", "b", "c");
  await net.clock.advance(300);
  net.kill("c");
  await net.clock.advance(130_000);

  expect(net.peer("a").gossip.advertOf("c")).toBeUndefined();
  expect(net.peer("a").gossip.advertOf("b")).toBeDefined();
});

test("two halves that find each other exchange only what differs", async () => {
  using net = new SimNetwork();
  const ids = peerIds(20);
  for (const id of ids) net.add(id);
  net.line(...ids.slice(0, 10));
  net.line(...ids.slice(10));
  await net.clock.advance(2_000);
  net.link("p009", "p010");
  await net.clock.advance(2_000);
  for (const { reachable } of net.peers.values()) expect(reachable).toHaveLength(19);

  net.cut("p005", "p006");
  await net.clock.advance(500);
  const before = net.count(advert);
  net.link("p005", "p006");
  await net.clock.advance(500);
  const both = 2;
  const each = 19;
  expect(net.count(advert) - before).toBeLessThanOrEqual(2 * both * each);
});

test("a peer that restarts with its clock set back is heard at once", async () => {
  using net = new SimNetwork();
  const { identity } = net.add("a", { epoch: 1_000_000 });
  net.add("b");
  net.link("a", "b");
  await net.clock.advance(1_000);
  net.kill("a");
  net.add("a", { identity, epoch: 5, describe: () => ({ name: "again" }) });
  net.link("a", "b");
  await net.clock.advance(1_500);

  expect(net.peer("b").gossip.advertOf("a")?.linkState).toMatchObject({
    ...{ name: "again", epoch: 1_000_001 },
  });
  expect(net.peer("b").reachable).toEqual(["a"]);
});

test("so it is when its old advert has run out, as long as that is remembered", async () => {
  using net = new SimNetwork();
  const { identity } = net.add("a", { epoch: 1_000_000 });
  net.add("b");
  net.link("a", "b");
  await net.clock.advance(1_000);
  net.kill("a");
  await net.clock.advance(300_000);
  expect(net.peer("b").gossip.advertOf("a")).toBeUndefined();
  net.add("a", { identity, epoch: 5 });
  net.link("a", "b");
  await net.clock.advance(1_500);

  expect(net.peer("b").gossip.advertOf("a")?.linkState.epoch).toBeGreaterThan(1_000_000);
});

test("a neighbour whose queue is full gets the newest advert of each peer when it has room", async () => {
  using net = new SimNetwork();
  let name = "first";
  net.add("a", { describe: () => ({ name }) });
  for (const id of ["b", "slow"]) net.add(id);
  net.line("a", "b", "slow");
  await net.clock.advance(300);
  net.linkOf("b", "slow").full = true;
  for (name of ["second", "third", "fourth"]) {
    net.peer("a").gossip.announce();
    await net.clock.advance(2_500);
  }
  const before = net.peer("slow").frames.get(advert) ?? 0;
  net.linkOf("b", "slow").full = false;
  await net.clock.advance(300);

  expect(net.peer("slow").gossip.advertOf("a")?.linkState.name).toBe("fourth");
  expect((net.peer("slow").frames.get(advert) ?? 0) - before).toBeLessThanOrEqual(2);
});

test("an advert that got lost without a word is made good by comparing digests", async () => {
  using net = new SimNetwork();
  let name = "old";
  net.add("a", { describe: () => ({ name }) });
  for (const id of ["b", "c"]) net.add(id);
  net.line("a", "b", "c");
  await net.clock.advance(5_000);
  net.linkOf("b", "c").meddle = (kind, body) => (kind === advert ? undefined : body);
  name = "new";
  net.peer("a").gossip.announce();
  await net.clock.advance(100);
  net.linkOf("b", "c").meddle = undefined;
  expect(net.peer("c").gossip.advertOf("a")?.linkState.name).toBe("old");
  const before = net.count(advert);
  for (let i = 0; i < 28 && net.peer("c").gossip.advertOf("a")?.linkState.name === "old"; i++) {
    await net.clock.advance(1_000);
  }

  expect(net.peer("c").gossip.advertOf("a")?.linkState.name).toBe("new");
  expect(net.count(advert) - before).toBeLessThan(6);
});

test("what differs in very many adverts is said in several frames", async () => {
  using net = new SimNetwork();
  const many = Array.from({ length: 1_500 }, (_, i) => `x${i}`);
  const [a, b] = [net.add("a"), net.add("b")];
  for (const peerId of many) {
    a.topology.applyAdvert({
      ...{ origin: peerId, epoch: 1, seq: 1, links: [], capabilities: [], tools: [], load: 0 },
    });
  }
  net.link("b", "a");
  net.link("a", "b");
  await net.clock.advance(500);

  expect(b.frames.get(difference) ?? a.frames.get(difference)).toBeGreaterThan(0);
  expect(a.errors).toEqual([]);
  expect(b.errors).toEqual([]);
});

test("a stopped peer leaves no timer behind", async () => {
  const net = new SimNetwork();
  for (const id of ["a", "b"]) net.add(id);
  net.link("a", "b");
  await net.clock.advance(300);
  net[Symbol.dispose]();
  await net.clock.advance(2_000);

  expect(net.clock.pending).toBe(0);
});

test("a neighbour that still sends an old advert is not taken to have the newer one", async () => {
  using net = new SimNetwork();
  let name = "old";
  net.add("a", { describe: () => ({ name }) });
  for (const id of ["b", "slow"]) net.add(id);
  net.line("a", "b", "slow");
  await net.clock.advance(5_000);
  const caught: Uint8Array[] = [];
  const link = net.linkOf("b", "slow");
  link.meddle = (kind, body) => {
    if (kind === advert) caught.push(body);
    return body;
  };
  await net.clock.advance(30_000);
  link.full = true;
  name = "new";
  net.peer("a").gossip.announce();
  await net.clock.advance(100);
  for (const body of caught) net.peer("b").receive(link.neighbourOf("b"), advert, body);
  link.full = false;
  await net.clock.advance(300);

  expect(net.peer("slow").gossip.advertOf("a")?.linkState.name).toBe("new");
});

function nameOf(net: SimNetwork, at: string, peerId: string): string | undefined {
  return net.peer(at).gossip.advertOf(peerId)?.linkState.name;
}
