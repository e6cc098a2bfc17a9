import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

function toolsKnownTo(
  peer: PeerNetwork | undefined,
  peerId: string,
): readonly string[] | undefined {
  return peer?.getTopologyGraph().nodes.find(({ id }) => id === peerId)?.tools;
}

test("in a line of five, each end knows the other's name, capabilities and tools", async () => {
  await using net = new TestNetwork();
  const [a, , , , e] = await net.line("a", "b", "c", "d", "e");
  e?.registerTool({ name: "late" }, () => 1);
  await settle();

  expect(toolsKnownTo(a, "e")).toEqual(["late"]);
  expect(a?.getNetworkStats()).toMatchObject({
    ...{ totalNodes: 5, directConnections: 1, indirectConnections: 3, networkDiameter: 4 },
    partitions: 1,
  });
});

test("a tool that is taken back disappears everywhere", async () => {
  await using net = new TestNetwork();
  const [a, , c] = await net.line("a", "b", "c");
  const takeBack = c?.registerTool({ name: "fleeting" }, () => 1);
  await settle();
  expect(toolsKnownTo(a, "c")).toEqual(["fleeting"]);
  await net.calm();
  takeBack?.();
  await settle();

  expect(toolsKnownTo(a, "c")).toEqual([]);
});

test("whoever joins late learns of everybody at once", async () => {
  await using net = new TestNetwork();
  await net.line("a", "b", "c");
  const late = await net.peer("late");
  await late.connect("memory:a");
  await settle();

  expect(
    late
      .getTopologyGraph()
      .nodes.map(({ id }) => id)
      .sort(),
  ).toEqual(["a", "b", "c", "late"]);
});

test("a neighbour's tools can be used as soon as there is a link, without waiting for news", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const b = await net.peer("b");
  b.registerTool({ name: "hello" }, () => "hello");
  await a.connect("memory:b");

  expect(toolsKnownTo(a, "b")).toEqual(["hello"]);
  expect(await a.executeRemoteTool("b", "hello")).toBe("hello");
});

test("adverts are repeated, so that a quiet network is not forgotten", async () => {
  await using net = new TestNetwork();
  const [a] = await net.line("a", "b", "c");
  await net.clock.advance(4 * 60_000);

  expect(a?.getNetworkStats()).toMatchObject({ totalNodes: 3, indirectConnections: 1 });
});

test("a peer that is gone is soon no way any more, and forgotten in the end", async () => {
  await using net = new TestNetwork();
  const [a, , c] = await net.line("a", "b", "c");
  await c?.stop();
  await settle();

  expect(a?.getNetworkStats()).toMatchObject({ indirectConnections: 0 });
  await net.clock.advance(3 * 60_000);
  expect(a?.getTopologyGraph().nodes.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("a quiet network sends each advert about once over each link", async () => {
  await using net = new TestNetwork();
  const peers = await Promise.all(["a", "b", "c", "d"].map((id) => net.peer(id, { relay: true })));
  for (const [index, peer] of peers.entries()) {
    for (const other of peers.slice(0, index)) await peer.connect(`memory:${other.peerId}`);
  }
  await net.clock.advance(60_000);
  let updates = 0;
  peers[0]?.on("topology:updated", () => updates++);
  await net.clock.advance(3 * 60_000);

  expect(updates).toBe(0);
});

test("the cheapest way is taken, and the other one when that is lost", async () => {
  await using net = new TestNetwork();
  const [a, far, near, z] = await Promise.all([
    net.peer("a"),
    net.peer("far", { relay: true }),
    net.peer("near", { relay: true }),
    net.peer("z"),
  ]);
  net.faults.delay((from, to) => ([from, to].includes("far") ? 50 : 5));
  await net.until(
    Promise.all(
      [a, z].flatMap((peer) => [peer.connect("memory:far"), peer.connect("memory:near")]),
    ),
  );
  await net.clock.advance(10_000);
  z.registerTool({ name: "where" }, () => "z");
  await net.clock.advance(1_000);
  const startMs = net.clock.monotonicMs();
  await net.until(a.executeRemoteTool("z", "where"));
  expect(net.clock.monotonicMs() - startMs).toBeLessThanOrEqual(100);

  await net.until(near.stop());
  await net.clock.advance(1_000);
  expect(await net.until(a.executeRemoteTool("z", "where"))).toBe("z");
  expect(far.getConnectedPeers()).toHaveLength(2);
});
