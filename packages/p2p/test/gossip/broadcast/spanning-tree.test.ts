import { expect, test } from "vitest";
import { GossipKind } from "../../../src/gossip/kinds.ts";
import { peerIds } from "../support/sim-links.ts";
import { TreeNetwork } from "../support/tree-network.ts";

const { broadcast, graft, prune } = GossipKind;

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
  const senders = peerIds(200).filter((_, i) => i % 10 === 0);
  for (const id of senders) {
    net.peer(id).send(`from ${id}`);
    await net.clock.advance(50);
  }
  await net.clock.advance(1_000);

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
  using net = await settledNetwork(100, 2);
  const victims = peerIds(100).filter((_, i) => i % 5 === 3);
  for (let i = 0; i < 20; i++) {
    net.peer("p000").send(`m${i}`);
    await net.clock.advance(2);
    net.kill(victims[i] as string);
    await net.clock.advance(48);
  }
  await net.clock.advance(15_000);

  const survivors = [...net.reachable("p000")].filter((id) => id !== "p000");
  expect(survivors.length).toBeGreaterThan(70);
  for (const id of survivors) expect(net.peer(id).names).toHaveLength(21);
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

test("a line longer than the hop limit is covered to its end", async () => {
  using net = new TreeNetwork();
  const ids = peerIds(36);
  for (const id of ids) net.add(id);
  net.line(...ids);
  net.peer("p000").send("far");
  await net.clock.advance(10_000);

  expect(net.peer("p035").names).toEqual(["far"]);
});

test("what a full queue does not take is announced to that neighbour when there is room", async () => {
  using net = new TreeNetwork();
  net.add("a");
  const b = net.add("b");
  net.link("a", "b").full = true;
  net.peer("a").send("late");
  await net.clock.advance(2_000);
  expect(b.names).toEqual([]);
  net.linkOf("a", "b").full = false;
  await net.clock.advance(2_000);

  expect(b.names).toEqual(["late"]);
});

test("whoever joins within a message's life gets it; who comes later does not", async () => {
  using net = new TreeNetwork();
  for (const id of ["a", "b", "early", "late"]) net.add(id);
  net.link("a", "b");
  net.peer("a").send("news", 10_000);
  await net.clock.advance(8_000);
  net.link("b", "early");
  await net.clock.advance(3_000);
  net.link("b", "late");
  await net.clock.advance(5_000);

  expect(net.peer("early").names).toEqual(["news"]);
  expect(net.peer("late").names).toEqual([]);
});

test("peers that do not relay pass nothing on, and hang on the tree by one branch", async () => {
  using net = new TreeNetwork();
  for (const id of ["hub", "spare"]) net.add(id);
  for (const id of ["leaf", "behind"]) net.add(id, { relay: false });
  net.line("hub", "leaf", "behind");
  net.line("hub", "spare", "leaf");
  net.peer("hub").send("one");
  await net.clock.advance(2_000);
  const before = net.count(broadcast, prune);
  net.peer("spare").send("two");
  net.peer("leaf").send("three");
  await net.clock.advance(2_000);

  expect(net.peer("behind").names).toEqual(["three"]);
  expect(net.peer("leaf").names).toEqual(["one", "two"]);
  expect(net.peer("hub").names).toEqual(["two", "three"]);
  expect(net.count(broadcast, prune) - before).toBe(5);
});

test("a leaf that loses its branch takes another at once", async () => {
  using net = new TreeNetwork();
  for (const id of ["one", "two"]) net.add(id);
  const leaf = net.add("leaf", { relay: false });
  net.line("leaf", "one", "two", "leaf");
  await net.clock.advance(100);
  net.kill("one");
  await net.clock.advance(100);
  net.peer("two").send("quick");
  await net.clock.advance(20);

  expect(leaf.names).toEqual(["quick"]);
});

test("what is too large, lives too long, or comes too fast is refused where it is sent", async () => {
  using net = new TreeNetwork();
  const { tree } = net.add("a");
  const send = (bytes: number, lifetime?: number): void =>
    tree.send({ kind: "message", name: "m", payload: new Uint8Array(bytes), lifetime });

  expect(() => send(1_001)).toThrow(expect.objectContaining({ code: "FRAME_TOO_LARGE" }));
  expect(() => send(1, 60_001)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => send(1, 0.5)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  for (let i = 0; i < 256; i++) send(1);
  expect(() => send(1)).toThrow(
    expect.objectContaining({ code: "RATE_LIMITED", retryAfterMs: 10 }),
  );
  await net.clock.advance(10);
  send(1);
  expect(tree.sent).toBe(257);
});

test("once a broadcast's life is over nothing is kept, and no timer is left", async () => {
  using net = await settledNetwork(10, 6);
  net.peer("p003").send("short", 1_000);
  await net.clock.advance(40_000);

  expect(net.clock.pending).toBe(0);
});
