import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

/** The first in the middle, and nobody relays: as peers are that are told nothing of it. */
async function star(net: TestNetwork, ...ids: readonly string[]): Promise<PeerNetwork[]> {
  const peers = await Promise.all(ids.map((id) => net.peer(id)));
  for (const peer of peers.slice(1)) await peer.connect(`memory:${ids[0]}`);
  await net.calm();
  return peers;
}

test("two peers that are linked are one part, though neither relays", async () => {
  await using net = new TestNetwork();
  for (const peer of await star(net, "a", "b")) {
    expect(peer.getNetworkStats()).toMatchObject({
      ...{ totalNodes: 2, directConnections: 1, networkDiameter: 1, partitions: 1 },
      scope: "network",
    });
  }
});

test("a star is one part, whose middle reaches all, and whose ends do not reach each other", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = await star(net, "a", "b", "c");

  expect(a?.getNetworkStats()).toMatchObject({ totalNodes: 3, partitions: 1, scope: "network" });
  for (const end of [b, c]) {
    expect(end?.getNetworkStats()).toMatchObject({
      ...{ totalNodes: 3, indirectConnections: 0, partitions: 1, scope: "component" },
    });
  }
});

test("a part without links to the others is one of its own", async () => {
  await using net = new TestNetwork();
  const [a] = await star(net, "a", "b", "c");
  net.faults.partition(["a", "b"], ["c"]);
  await net.clock.advance(60_000);
  expect(a?.getNetworkStats()).toMatchObject({ totalNodes: 3, partitions: 2 });
});

test("the middle of a star without relays is no risk to its ends, only its links are", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const told: string[] = [];
  a.on("partition:risk", ({ kind, isolates }) => told.push(`${kind} ${isolates}`));
  for (const id of ["b", "c"]) await (await net.peer(id)).connect("memory:a");
  await net.calm();
  await net.calm();
  expect(told.toSorted()).toEqual(["bridge b", "bridge c"]);
});
