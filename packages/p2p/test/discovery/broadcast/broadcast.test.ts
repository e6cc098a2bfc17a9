import { randomInt } from "node:crypto";
import { silentLogger } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { UDPClient } from "@net/sockets";
import { expect, test } from "vitest";
import { Announcer } from "../../../src/discovery/announcer.ts";
import {
  encodeAnswer,
  encodeQuestion,
  readDatagram,
} from "../../../src/discovery/broadcast/format.ts";
import { readBroadcastOptions } from "../../../src/discovery/broadcast/options.ts";
import { discoverNodes, searchNodes } from "../../../src/discovery/discover.ts";
import { listInterfaces } from "../../../src/discovery/interfaces/net-interface.ts";
import { readRecord, signRecord } from "../../../src/discovery/record/peer-record.ts";

// On the loopback interface, which is a network of its own: 127.255.255.255 reaches everybody there.

const clock = new FakeClock();

/** A port that nobody else has, below those that systems hand out. */
function portOfItsOwn(): number {
  return randomInt(20_000, 32_000);
}

async function announce(
  port: number,
  peerId: string,
  networkId = "net",
  identity: DeviceIdentity = DeviceIdentity.generate(),
): Promise<Announcer> {
  return await Announcer.start({
    peer: { networkId, peerId, peerName: peerId, address: "ws://127.0.0.1:8080" },
    broadcast: readBroadcastOptions({ port }),
    ...{ identity, clock, logger: silentLogger },
  });
}

test("whoever asks by broadcast is answered by the peers of its network", async () => {
  const port = portOfItsOwn();
  await using _one = await announce(port, "one");
  await using _two = await announce(port, "two");
  await using _foreign = await announce(port, "foreign", "another");
  const found = new Set<string>();
  for await (const node of discoverNodes({ broadcast: { port }, clock })) {
    expect(node).toMatchObject({ source: "broadcast", verified: true, port: 8080 });
    if (found.add(node.peerId ?? "").size === 2) break;
  }

  expect([...found].sort()).toEqual(["one", "two"]);
});

test("a peer that comes later is found when it is asked again, and one that has gone is forgotten", async () => {
  const port = portOfItsOwn();
  const own = new FakeClock();
  const controller = new AbortController();
  const { signal } = controller;
  const nodes = searchNodes(
    { broadcast: { port }, clock: own, signal },
    { rng: { next: () => 0 } },
  );
  const first = nodes.next();
  await own.advance(500);
  const identity = DeviceIdentity.generate();
  const late = await announce(port, "late", "net", identity);
  await own.advance(600);
  expect((await first).value).toMatchObject({ peerId: "late" });

  await late.close();
  const second = nodes.next();
  await own.advance(60_000);
  await using _again = await announce(port, "late", "net", identity);
  await own.advance(60_000);
  expect((await second).value).toMatchObject({ peerId: "late" });
  await nodes.return();
  expect(own.pending).toBe(0);
});

/** Asks as somebody else would, and gives what comes. */
async function askDirectly(udp: UDPClient, question: Uint8Array, port: number): Promise<void> {
  const broadcast = listInterfaces().find(({ joinBy }) => joinBy === "127.0.0.1")?.broadcast;
  await udp.broadcast(question, port, { address: broadcast });
}

test("an answer holds the nonce of its question, and the record of a peer of that network", async ({
  signal,
}) => {
  const port = portOfItsOwn();
  await using _foreign = await announce(port, "foreign", "another");
  await using _one = await announce(port, "one");
  await using udp = await UDPClient.open();
  const answers: string[] = [];
  for (const [nonce, networkId] of [
    [77n, "net"],
    [78n, "another"],
  ] as const) {
    await askDirectly(udp, encodeQuestion(nonce, networkId), port);
  }
  for (let i = 0; i < 2; i++) {
    const { data = new Uint8Array() } = (await udp.receive({ signal })) ?? {};
    const answer = readDatagram(data);
    if (answer?.kind !== "answer") throw new Error("an answer was expected");
    answers.push(`${answer.nonce} ${readRecord(answer.record).peerId}`);
  }

  expect(answers.sort()).toEqual(["77 one", "78 foreign"]);
});

test("whoever asks more than a peer answers is not heard", async ({ signal }) => {
  const port = portOfItsOwn();
  await using _one = await announce(port, "one");
  await using udp = await UDPClient.open();
  for (let i = 0; i < 60; i++) await askDirectly(udp, encodeQuestion(BigInt(i), "net"), port);
  for (let i = 0; i < 40; i++) await udp.receive({ signal });
  await clock.advance(50);
  await askDirectly(udp, encodeQuestion(999n, "net"), port);
  const next = await udp.receive({ signal });

  // All that was asked before is answered, or was not heard; a token has come back for this one.
  expect(readDatagram(next?.data ?? new Uint8Array())).toMatchObject({ nonce: 999n });
});

test("an answer to a question that nobody asked is not believed", async () => {
  const port = portOfItsOwn();
  const own = new FakeClock();
  await using there = await UDPClient.open({ host: "0.0.0.0", port, reuseAddress: true });
  const controller = new AbortController();
  const { signal } = controller;
  const options = { broadcast: { port }, clock: own, signal };
  const next = searchNodes(options).next();
  const asked = await there.receive();
  const record = recordOf("liar");
  if (asked) await there.send(encodeAnswer(1n, record), asked.host, asked.port);
  const question = readDatagram(asked?.data ?? new Uint8Array());
  const honest = encodeAnswer(question?.nonce ?? 0n, recordOf("honest"));
  if (asked) await there.send(honest, asked.host, asked.port);

  expect((await next).value).toMatchObject({ peerId: "honest" });
  controller.abort();
});

function recordOf(peerId: string): Uint8Array {
  const identity = DeviceIdentity.generate();
  const claims = { networkId: "net", peerId, peerName: peerId, addresses: ["ws://127.0.0.1:1"] };
  return signRecord(
    claims,
    { issuedAtMs: clock.nowMs(), expiresAtMs: clock.nowMs() + 60_000 },
    identity,
  ).bytes;
}
