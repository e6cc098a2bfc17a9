import { expect, test } from "vitest";
import { GossipKind } from "../../../src/gossip/kinds.ts";
import { peerIds } from "../support/sim-links.ts";
import { TreeNetwork } from "../support/tree-network.ts";

const { broadcast, prune } = GossipKind;

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
  using net = new TreeNetwork();
  for (const id of ["a", "b", "c"]) net.add(id);
  net.line("a", "b", "c", "a");
  net.peer("a").send("short", 1_000);
  net.peer("b").send("usual");
  await net.clock.advance(32_000);

  expect(net.clock.pending).toBe(0);
});

test("a leaf that was given two branches keeps the newer one only", async () => {
  using net = new TreeNetwork();
  for (const id of ["one", "two"]) net.add(id);
  const leaf = net.add("leaf", { relay: false });
  net.link("leaf", "one");
  net.link("leaf", "two");
  net.peer("two").send("sent before two heard that it is not wanted");
  await net.clock.advance(100);

  expect(leaf.tree.stats).toMatchObject({ received: 1, branches: 1 });
  const before = net.count(broadcast);
  leaf.send("mine");
  await net.clock.advance(20);
  expect(net.count(broadcast) - before).toBe(1);
});

test("a leaf that hears of another leaf straight, and then from its relay, keeps its branch to the relay", async () => {
  for (const seed of [1, 2, 3, 4]) {
    using net = new TreeNetwork(seed);
    net.add("relay");
    const leaf = net.add("leaf", { relay: false });
    net.add("other", { relay: false });
    net.line("relay", "leaf", "other", "relay");
    await net.clock.advance(100);
    net.peer("other").send("heard twice");
    await net.clock.advance(1_200);
    net.peer("relay").send("at once");
    await net.clock.advance(20);

    expect(leaf.names).toEqual(["heard twice", "at once"]);
    expect(leaf.tree.stats.branches).toBe(1);
  }
});

test("what a branch has lost comes over another link within a second", async () => {
  for (const seed of [1, 2, 3, 4]) {
    using net = new TreeNetwork(seed);
    for (const id of ["a", "b", "c"]) net.add(id);
    net.line("a", "b", "c", "a");
    net.peer("a").send("first");
    await net.clock.advance(2_000);
    net.linkOf("a", "c").meddle = (kind, body) => (kind === broadcast ? undefined : body);
    net.peer("a").send("second");
    await net.clock.advance(800);

    expect(net.peer("c").names).toEqual(["first", "second"]);
  }
});
