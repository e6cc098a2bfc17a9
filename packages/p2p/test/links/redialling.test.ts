import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

test("a link that was dialled is dialled again when it was lost", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  await a.connect("memory:b");
  const disconnected = b.once("peer:disconnected");
  net.faults.loseLinks("a", "b");
  expect((await disconnected)[1]).toMatchObject({ code: "lost" });

  await net.until(a.once("peer:connected"));
  expect(b.getConnectedPeers()).toMatchObject([{ peerId: "a" }]);
});

test("a peer that comes back after minutes is found again", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  await a.connect("memory:b");
  await b.stop();
  await net.clock.advance(5 * 60_000);
  expect(a.getConnectedPeers()).toEqual([]);

  const connected = a.once("peer:connected");
  await net.peer("b");
  expect((await net.until(connected))[0]).toMatchObject({ peerId: "b" });
});

test("after both dialled, either's loss of the link leads to one link again", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  await a.connect("memory:b");
  await b.connect("memory:a");
  for (let round = 0; round < 5; round++) {
    const again = Promise.all([a.once("peer:connected"), b.once("peer:connected")]);
    net.faults.loseLinks("a");
    await net.until(again);
    await net.clock.advance(60_000);
    expect([a, b].map((peer) => peer.getConnectedPeers().length)).toEqual([1, 1]);
  }
});

test("a peer that now refuses is not dialled any more", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a");
  const b = await net.peer("b");
  await a.connect("memory:b");
  await b.stop();
  const strict = await net.peer("b", { admit: () => "not any more" });
  let refusals = 0;
  strict.on("peer:refused", () => refusals++);
  await net.until(strict.once("peer:refused"));
  await net.clock.advance(10 * 60_000);

  expect(refusals).toBe(1);
});

test("a peer that was stopped dials nobody any more", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  await a.connect("memory:b");
  await b.stop();
  await a.stop();
  await settle();

  expect(net.clock.pending).toBe(0);
});
