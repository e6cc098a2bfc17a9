import { AbortedError } from "@net/core";
import { expect, test } from "vitest";
import { NetworkTopology } from "../../src/topology/network-topology.ts";
import type { PeerInfo } from "../../src/topology/peer.ts";

async function* finding(...peers: PeerInfo[]): AsyncGenerator<PeerInfo> {
  yield* peers;
}

test("peers that are found become known, and are returned with those that can be reached", async () => {
  const topology = new NetworkTopology("a", {
    discovery: finding({ peerId: "c", name: "Cellar" }, { peerId: "a" }, { peerId: "d" }),
  });
  topology.observeLink("b", {});
  topology.addPeer({ peerId: "far" });
  const found = await topology.discoverPeers();
  expect(found.map(({ peerId, reachable }) => [peerId, reachable])).toEqual([
    ["b", true],
    ["c", false],
    ["d", false],
  ]);
  expect(topology.peer("c")?.name).toBe("Cellar");
});

test("without a place to look, they are those that can be reached", async () => {
  const topology = new NetworkTopology("a");
  topology.observeLink("b", {});
  topology.addPeer({ peerId: "far" });
  expect((await topology.discoverPeers()).map(({ peerId }) => peerId)).toEqual(["b"]);
});

test("a search that never ends is ended by its signal; what it found stays", async () => {
  let returned = false;
  const never = new Promise<IteratorResult<PeerInfo>>(() => {});
  const steps = [Promise.resolve({ done: false as const, value: { peerId: "b" } }), never];
  const discovery = {
    [Symbol.asyncIterator]: () => ({
      next: () => steps.shift() ?? never,
      return: async () => {
        returned = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  const topology = new NetworkTopology("a", { discovery });
  const controller = new AbortController();
  topology.on("topology:updated", () => controller.abort());
  await expect(topology.discoverPeers({ signal: controller.signal })).rejects.toThrow(AbortedError);
  expect(topology.peer("b")).toBeDefined();
  expect(returned).toBe(true);
});

test("a source that is a function searches anew each time, and is given the signal", async () => {
  const signals: unknown[] = [];
  const topology = new NetworkTopology("a", {
    discovery: ({ signal }) => {
      signals.push(signal);
      return finding({ peerId: `p${signals.length}` });
    },
  });
  const { signal } = new AbortController();
  await topology.discoverPeers({ signal });
  await topology.discoverPeers();
  expect(signals).toEqual([signal, undefined]);
  expect(topology.peers().map(({ peerId }) => peerId)).toEqual(["p1", "p2"]);
});

test("what is no peer is told and passed over; a source that fails rejects", async () => {
  const rejected: string[] = [];
  const topology = new NetworkTopology("a", {
    discovery: finding(
      null as never,
      { peerId: "" },
      { peerId: "b", tools: [""] },
      { peerId: "c" },
    ),
  });
  topology.on("discovery:rejected", ({ error }) => rejected.push(error.code));
  expect((await topology.discoverPeers()).map(({ peerId }) => peerId)).toEqual(["c"]);
  expect(rejected).toEqual(Array(3).fill("INVALID_ARGUMENT"));

  async function* failing(): AsyncGenerator<PeerInfo> {
    yield { peerId: "b" };
    throw new Error("no network");
  }
  const broken = new NetworkTopology("a", { discovery: failing() });
  await expect(broken.discoverPeers()).rejects.toThrow("no network");
  expect(broken.peer("b")).toBeDefined();
});
