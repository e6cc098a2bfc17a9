import { expect, test } from "vitest";
import { GossipKind } from "../../../src/gossip/kinds.ts";
import { peerIds } from "../support/sim-links.ts";
import { TreeNetwork } from "../support/tree-network.ts";

const { broadcast, graft } = GossipKind;

/** A random network that has seen a broadcast. */
async function settledNetwork(size: number, seed: number): Promise<TreeNetwork> {
  const net = new TreeNetwork(seed);
  const ids = peerIds(size);
  for (const id of ids) net.add(id);
  net.wire(ids, 8);
  net.peer("p000").send("first");
  await net.clock.advance(2_000);
  return net;
}

test("each of 200 peers of degree 8 gets every message once, and once the tree has settled in one copy", async () => {
  using net = await settledNetwork(200, 1);
  const before = net.count(broadcast);
  const senders = peerIds(200).filter((_, i) => i % 25 === 0);
  for (const id of senders) {
    net.peer(id).send(`from ${id}`);
    await net.clock.advance(20);
  }
  await net.clock.advance(700);

  const copies = (net.count(broadcast) - before) / (senders.length * 199);
  expect(copies).toBeGreaterThanOrEqual(1);
  expect(copies).toBeLessThan(1.1);
  for (const { id, names } of net.peers.values()) {
    const expected = ["first", ...senders.map((sender) => `from ${sender}`)];
    const ownLeftOut =
      id === "p000" ? expected.slice(2) : expected.filter((n) => n !== `from ${id}`);
    expect(names.toSorted()).toEqual(ownLeftOut.toSorted());
  }
});

test("when a fifth of all peers dies while messages are under way, all who can be reached get all messages", async () => {
  using net = await settledNetwork(60, 2);
  const victims = peerIds(60).filter((_, i) => i % 5 === 3);
  for (let i = 0; i < 12; i++) {
    net.peer("p000").send(`m${i}`);
    await net.clock.advance(2);
    net.kill(victims[i] as string);
    await net.clock.advance(48);
  }
  await net.clock.advance(15_000);

  const survivors = [...net.reachable("p000")].filter((id) => id !== "p000");
  expect(survivors.length).toBeGreaterThan(40);
  for (const id of survivors) expect(net.peer(id).names).toHaveLength(13);
  expect(net.count(graft)).toBeGreaterThan(0);
});

test("after a repair the tree is as thrifty as before", async () => {
  using net = await settledNetwork(60, 3);
  for (const id of peerIds(60).filter((_, i) => i % 5 === 3)) net.kill(id);
  for (let i = 0; i < 5; i++) {
    net.peer("p000").send(`repair ${i}`);
    await net.clock.advance(2_000);
  }
  const before = net.count(broadcast);
  for (let i = 0; i < 10; i++) net.peer("p000").send(`after ${i}`);
  await net.clock.advance(5_000);

  const others = net.reachable("p000").size - 1;
  expect((net.count(broadcast) - before) / (10 * others)).toBeLessThan(1.1);
});

test("when links break and come back mid-stream, nothing is missing and nothing comes twice", async () => {
  using net = await settledNetwork(40, 4);
  for (let i = 0; i < 20; i++) {
    net.peer("p001").send(`m${i}`);
    await net.clock.advance(2);
    const { ends } =
      net.links[Math.floor(net.rng.next() * net.links.length)] ?? net.linkOf("p000", "p001");
    net.cut(ends[0].id, ends[1].id);
    await net.clock.advance(100);
    net.link(ends[0].id, ends[1].id);
  }
  await net.clock.advance(10_000);

  for (const { id, names } of net.peers.values()) {
    expect(new Set(names).size).toBe(names.length);
    if (id !== "p001") expect(names).toHaveLength(id === "p000" ? 20 : 21);
  }
});

test("with one frame in ten lost, every peer still gets every message", async () => {
  using net = await settledNetwork(60, 5);
  net.loss = 0.1;
  for (let i = 0; i < 10; i++) {
    net.peer("p002").send(`m${i}`);
    await net.clock.advance(100);
  }
  await net.clock.advance(30_000);

  for (const { id, names } of net.peers.values()) {
    if (id !== "p002") expect(names.filter((name) => name !== "first")).toHaveLength(10);
  }
});

test("peers that do not relay, each linked to three that do, get one copy as well, and cut no tree", async () => {
  using net = new TreeNetwork(12);
  const ids = peerIds(50);
  const isLeaf = (id: string): boolean => Number(id.slice(1)) % 5 === 4;
  for (const id of ids) net.add(id, { relay: !isLeaf(id) });
  const relays = ids.filter((id) => !isLeaf(id));
  net.wire(relays, 6);
  for (const [i, id] of ids.filter(isLeaf).entries()) {
    for (const k of [0, 13, 26]) net.link(id, relays[(i * 7 + k) % relays.length] as string);
  }
  net.peer("p000").send("first");
  await net.clock.advance(2_000);
  const before = net.count(broadcast);
  for (const id of ids) {
    net.peer(id).send(`from ${id}`);
    await net.clock.advance(10);
  }
  await net.clock.advance(2_000);

  expect((net.count(broadcast) - before) / (50 * 49)).toBeLessThan(1.1);
  for (const { id, names } of net.peers.values())
    expect(names).toHaveLength(id === "p000" ? 49 : 50);
});
