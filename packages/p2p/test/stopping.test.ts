import { memoryTransport } from "@net/core";
import { settle } from "@net/core/testing";
import { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "./support/test-network.ts";

test("stopping settles all calls, tells neighbours, and leaves no timer", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = await net.line("a", "b", "c");
  const reasons: unknown[] = [];
  for (const peer of [b, c]) {
    peer?.registerTool({ name: "forever" }, (_, { signal }) => {
      signal.addEventListener("abort", () =>
        reasons.push((signal.reason as { code: string }).code),
      );
      return new Promise(() => {});
    });
  }
  await settle();
  const outgoing = b?.executeRemoteTool("c", "forever");
  const incoming = a?.executeRemoteTool("b", "forever");
  const ends = Promise.allSettled([outgoing, incoming]);
  const neighbours = Promise.all([a?.once("peer:disconnected"), c?.once("peer:disconnected")]);
  await settle();
  await b?.stop();

  expect(await ends).toMatchObject([
    { reason: { code: "CLOSED" } },
    { reason: { code: "OUTCOME_UNKNOWN" } },
  ]);
  expect(await neighbours).toMatchObject([
    ["b", { code: "going-away", remote: true }],
    ["b", { code: "going-away", remote: true }],
  ]);
  await settle();
  expect(reasons.sort()).toEqual(["CLOSED", "CONNECTION_LOST"]);
  await Promise.all([a?.stop(), c?.stop()]);
  expect(net.clock.pending).toBe(0);
});

test("stopping twice, at once or later, is stopping once", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  await Promise.all([a.stop(), a.stop()]);
  await a.stop();
  await a[Symbol.asyncDispose]();

  expect(net.clock.pending).toBe(0);
});

test("a frozen neighbour holds a stop up for as long as a polite close may take, not longer", async () => {
  await using net = new TestNetwork();
  const [a] = await net.line("a", "b");
  net.faults.freeze("b");
  const startMs = net.clock.monotonicMs();
  await net.until(a?.stop() ?? Promise.reject());

  expect(net.clock.monotonicMs() - startMs).toBeLessThanOrEqual(5_100);
  net.faults.thaw("b");
});

test("what is asked of a stopped peer is CLOSED", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  await net.peer("b");
  await a.connect("memory:b");
  await a.stop();

  await expect(a.start()).rejects.toMatchObject({ code: "CLOSED" });
  await expect(a.connect("memory:b")).rejects.toMatchObject({ code: "CLOSED" });
  await expect(a.call("b", "x")).rejects.toMatchObject({ code: "CLOSED" });
  expect(a.getConnectedPeers()).toEqual([]);
});

test("a stop ends a dial that is under way", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  await using _mute = await net.memory.listen("memory:mute", (link) => link.receive(() => {}));
  const dial = a.connect("memory:mute");
  dial.catch(() => {});
  await settle();
  await a.stop();

  await expect(dial).rejects.toMatchObject({ code: "ABORTED", cause: { code: "CLOSED" } });
  expect(net.clock.pending).toBe(0);
});

test("a peer that was never started can be stopped, and connects to nobody", async () => {
  await using net = new TestNetwork();
  const idle = net.idle("idle");

  await expect(idle.connect("memory:x")).rejects.toMatchObject({ code: "INVALID_STATE" });
  await idle.stop();
});

test("an address that is taken is ADDRESS_IN_USE, and start may be tried again", async () => {
  await using net = new TestNetwork();
  const first = await net.peer("first", { listenAddress: "memory:here" });
  const second = net.idle("second", { listenAddress: "memory:here" });
  await expect(second.start()).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
  await first.stop();
  await second.start();

  expect(second.address).toBe("memory:here");
});

test("a transport that only dials makes a peer that only dials", async () => {
  await using net = new TestNetwork();
  await net.peer("a");
  const { dial, schemes } = net.memory.at("phone");
  const phone = await net.peer("phone", { transport: { dial, schemes } });
  await phone.connect("memory:a");

  expect(phone.address).toBeUndefined();
  expect(phone.getConnectedPeers()).toMatchObject([{ peerId: "a" }]);
});

const transport = memoryTransport();

test.each([
  ["no id", { peerId: "" }],
  ["an id that is too long", { peerId: "x".repeat(129) }],
  ["an id with a control character", { peerId: "a\u0007" }],
  ["a port that is none", { port: 65_536 }],
  ["half a neighbour", { maxPeers: 0.5 }],
  ["more neighbours than can be advertised", { maxPeers: 1_025 }],
  ["no time between heartbeats", { heartbeatInterval: 0 }],
  ["too many capabilities", { capabilities: Array.from({ length: 129 }, (_, i) => `${i}`) }],
  ["an empty secret", { jwtSecret: "" }],
  ["a public address without a secret", { listenAddress: "ws://0.0.0.0:8080" }],
  ["another public address without a secret", { listenAddress: "ws://192.168.1.2:80" }],
])("a peer with %s is refused", (_, wrong) => {
  expect(() => new PeerNetwork({ peerId: "a", transport, ...wrong })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});

test("a public address is fine where peers must prove who they are", () => {
  const jwtSecret = "a secret of the test, 32 bytes long";

  expect(
    () => new PeerNetwork({ peerId: "a", transport, host: "0.0.0.0", jwtSecret }),
  ).not.toThrow();
});
