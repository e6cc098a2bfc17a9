import { seededRng, sleep } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { HANDSHAKE_TIMEOUT } from "../../src/links/refusal.ts";
import { DEFAULT_LIMITS } from "../../src/options/limits.ts";
import { encodeHello, encodeProof, encodeWelcome } from "../../src/wire/handshake.ts";
import { FrameKind } from "../../src/wire/kinds.ts";
import { encodeLiveness } from "../../src/wire/liveness.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { TestNetwork } from "../support/test-network.ts";

test("whoever says nothing is let go of after the handshake's time", async () => {
  await using net = new TestNetwork();
  await net.peer("a");
  const silent = { link: await net.memory.at("silent").dial("memory:a") };
  silent.link.receive(() => {});
  await net.clock.advance(HANDSHAKE_TIMEOUT - 1);
  expect(await Promise.race([silent.link.closed, Promise.resolve("open")])).toBe("open");
  await net.clock.advance(1);

  expect(await silent.link.closed).toMatchObject({ code: "timeout", remote: true });
});

test("whoever draws the handshake out is let go of after its time, however often he says something", async () => {
  await using net = new TestNetwork();
  await net.peer("a");
  const slow = await RawPeer.dial(net, "slow", "a");
  await net.clock.advance(HANDSHAKE_TIMEOUT * 0.6);
  slow.hello();
  await net.clock.advance(HANDSHAKE_TIMEOUT * 0.4 - 1);
  expect(slow.got(FrameKind.welcome)).toHaveLength(1);
  expect(await Promise.race([slow.link.closed, Promise.resolve("open")])).toBe("open");
  await net.clock.advance(1);

  expect(await slow.link.closed).toMatchObject({ remote: true });
});

test("a dial to somebody who says nothing times out", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  await using _mute = await net.memory.listen("memory:mute", () => {});
  const dial = a.connect("memory:mute");
  dial.catch(() => {});
  await net.clock.advance(HANDSHAKE_TIMEOUT);

  await expect(dial).rejects.toMatchObject({ code: "TIMEOUT", kind: "handshake" });
});

test("the caller's signal ends a dial, and nothing stays open", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const dialled = Promise.withResolvers<unknown>();
  await using _mute = await net.memory.listen("memory:mute", (link) => {
    link.receive(() => {});
    void link.closed.then(dialled.resolve);
  });
  const controller = new AbortController();
  const dial = a.connect("memory:mute", { signal: controller.signal });
  await settle();
  controller.abort(new Error("enough"));

  await expect(dial).rejects.toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
  expect(await dialled.promise).toMatchObject({ remote: true });
});

test("of a flood of strangers only a few are heard, and peers come in again when it is over", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const flood = Array.from({ length: DEFAULT_LIMITS.maxPendingHandshakes + 5 }, () =>
    net.memory.at("stranger").dial("memory:a"),
  );
  const strangers = await Promise.all(flood);
  for (const stranger of strangers) stranger.receive(() => {});
  await settle();
  const open = await Promise.all(
    strangers.map(({ closed }) => Promise.race([closed, Promise.resolve("open")])),
  );
  expect(open.filter((state) => state === "open")).toHaveLength(
    DEFAULT_LIMITS.maxPendingHandshakes,
  );
  expect(open.at(-1)).toMatchObject({ code: "overloaded" });

  await net.clock.advance(HANDSHAKE_TIMEOUT);
  const late = await net.peer("late");
  await late.connect("memory:a");
  expect(a.getConnectedPeers()).toMatchObject([{ peerId: "late" }]);
});

test("a peer has no more neighbours than it may have", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a", { maxPeers: 1 });
  const [b, c] = [await net.peer("b"), await net.peer("c")];
  await b.connect("memory:a");

  await expect(c.connect("memory:a")).rejects.toMatchObject({ code: "OVERLOADED" });
  expect(a.getConnectedPeers()).toMatchObject([{ peerId: "b" }]);
});

test("peers of different networks refuse each other", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  await net.peer("b", { networkId: "another" });

  await expect(a.connect("memory:b")).rejects.toThrow("another network");
});

test.each([
  ["of another network", { networkId: "another" }],
  ["of this peer's own name", { peerId: "a" }],
])("a stranger %s is refused as soon as it says so", async (_, changes) => {
  await using net = new TestNetwork();
  await net.peer("a");
  const stranger = await RawPeer.dial(net, "stranger", "a");
  stranger.hello(changes);

  expect(await stranger.link.closed).toMatchObject({ code: "refused", remote: true });
  expect(stranger.got(FrameKind.welcome)).toEqual([]);
});

test("a dialler does not take an acceptor of another network, whatever that one thinks of it", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const greeting = {
    networkId: "another",
    peerId: "b",
    peerName: "b",
    capabilities: [],
    maxMessageBytes: 2 ** 20,
  };
  await using _b = await net.memory.listen("memory:b", (below) => {
    void RawPeer.secure(below, "responder").then((link) =>
      link.receive(() => link.send(encodeWelcome({ greeting, credentials: {} }))),
    );
  });

  await expect(a.connect("memory:b")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
});

test("a peer does not link to itself, nor to one of its name", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  await net.peer("a", { listenAddress: "memory:other-a" });

  await expect(a.connect("memory:a")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  await expect(a.connect("memory:other-a")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  expect(a.getConnectedPeers()).toEqual([]);
});

test("connecting again, from either side, gives the link that there is", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  let links = 0;
  a.on("peer:connected", () => links++);
  const [first, second] = await Promise.all([a.connect("memory:b"), a.connect("memory:b")]);
  const third = await a.connect("memory:b");
  const back = await b.connect("memory:a");

  expect([first, second, third].map(({ peerId }) => peerId)).toEqual(["b", "b", "b"]);
  expect(back.peerId).toBe("a");
  expect(links).toBe(1);
});

test("whenever two dial each other, one link comes of it, and both have the same", async () => {
  const rng = seededRng(3);
  for (let round = 0; round < 20; round++) {
    await using net = new TestNetwork();
    const { clock } = net;
    const [a, b] = [await net.peer("a"), await net.peer("b")];
    const links: string[] = [];
    a.on("peer:connected", () => links.push("a"));
    b.on("peer:connected", () => links.push("b"));
    // Each way takes its own time, and one starts a little later: all the orders in which their frames can cross.
    const delays = new Map([
      ["a", 10 + rng.next() * 10],
      ["b", 10 + rng.next() * 10],
    ]);
    net.faults.delay((from) => delays.get(from) ?? 0);
    const dial = async (peer: PeerNetwork, to: string): Promise<string> => {
      await sleep(rng.next() * 30, { clock });
      return (await peer.connect(to)).peerId;
    };
    const dials = await net.until(Promise.all([dial(a, "memory:b"), dial(b, "memory:a")]));

    expect(dials).toEqual(["b", "a"]);
    expect(links.sort()).toEqual(["a", "b"]);
    await clock.advance(10_000);
    expect(links).toHaveLength(2);
  }
});

test("a second device under the id of one that is linked is refused at once, and the link stays", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const older = await RawPeer.join(net, "b", "a");
  const newer = await RawPeer.dial(net, "b", "a");
  newer.hello();
  await settle();
  newer.link.send(encodeProof({}));

  expect(newer.got(FrameKind.ready)).toEqual([]);
  expect(await newer.link.closed).toMatchObject({
    code: "unauthorized",
    message: expect.stringContaining("no two devices have one id"),
  });
  expect(await Promise.race([older.link.closed, Promise.resolve("open")])).toBe("open");
  expect(a.getConnectedPeers()).toHaveLength(1);

  older.link.abort();
  await settle();
  await RawPeer.join(net, "b", "a");
  expect(a.getConnectedPeers()).toHaveLength(1);
});

test("whoever dials under the id of another device that is linked learns it without a wait", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  await b.connect("memory:a");
  const impostor = await net.peer("b", { listenAddress: "memory:impostor" });

  // The clock stands still: nothing was waited for.
  await expect(impostor.connect("memory:a")).rejects.toMatchObject({
    code: "AUTHENTICATION_FAILED",
  });
  expect(a.getConnectedPeers()).toHaveLength(1);
});

test("a link that the other side knows of already stays, and a newer one of that device is refused", async () => {
  await using net = new TestNetwork();
  const identity = DeviceIdentity.generate();
  const a = await net.peer("a");
  const b = await net.peer("b", { identity });
  await b.connect("memory:a");
  const again = await net.peer("b", { identity, listenAddress: "memory:again" });
  const refused = expect(again.connect("memory:a")).rejects.toMatchObject({ code: "CONFLICT" });
  await net.clock.advance(HANDSHAKE_TIMEOUT);

  await refused;
  expect(a.getConnectedPeers()).toHaveLength(1);
});

const hello = encodeHello({
  ...{ networkId: "net", peerId: "b", peerName: "b", capabilities: [], maxMessageBytes: 2 ** 20 },
});

test.each([
  ["nothing at all", new Uint8Array()],
  ["half a hello", hello.subarray(0, 30)],
  ["a ping before it is known", encodeLiveness({ type: "probe", number: 1 })],
  ["a frame of an unknown kind", hello.with(0, 99)],
  ["a megabyte of zeros", new Uint8Array(1_000_000)],
])("somebody who begins with %s is told that this is not the protocol", async (_, frame) => {
  await using net = new TestNetwork();
  await net.peer("a");
  const stranger = await RawPeer.dial(net, "stranger", "a");
  stranger.link.send(frame);

  expect(await stranger.link.closed).toMatchObject({ code: "protocol-error", remote: true });
});

test.each([
  ["nothing at all", new Uint8Array()],
  ["a hello in the clear", hello],
  ["a megabyte of zeros", new Uint8Array(1024 * 1024)],
])("somebody who begins with %s in place of the handshake is told so", async (_, frame) => {
  await using net = new TestNetwork();
  await net.peer("a");
  const stranger = await net.memory.at("stranger").dial("memory:a");
  stranger.receive(() => {});
  stranger.send(frame);
  // Any 32 bytes are a key; what follows shows that they were none.
  if (frame.byteLength < 1_000) stranger.send(frame);

  expect(await stranger.closed).toMatchObject({ code: "protocol-error", remote: true });
});

test.each([
  ["an id that is too long", { peerId: "x".repeat(129) }],
  ["an id with a line break", { peerId: "a\nb" }],
  ["no network", { networkId: "" }],
])("a hello with %s is refused", async (_, changes) => {
  await using net = new TestNetwork();
  await net.peer("a");
  const stranger = await RawPeer.dial(net, "stranger", "a");
  stranger.hello(changes);

  expect(await stranger.link.closed).toMatchObject({ code: "protocol-error" });
});
