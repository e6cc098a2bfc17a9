import { createSocket } from "node:dgram";
import { silentLogger, systemClock } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  listInterfaces,
  type NetInterface,
} from "../../../src/discovery/interfaces/net-interface.ts";
import { type MdnsChannel, openChannel } from "../../../src/discovery/mdns/channel.ts";
import { type DnsPacket, type DnsRecord, dnsPacket } from "../../../src/discovery/mdns/dns.ts";
import { readPacket } from "../../../src/discovery/mdns/read-packet.ts";
import { mdnsOfItsOwn } from "../../support/mdns.ts";

function loopback(): NetInterface {
  const found = listInterfaces().find(({ joinBy }) => joinBy === "127.0.0.1");
  if (!found) throw new Error("this machine has no loopback interface");
  return found;
}

interface Heard extends AsyncDisposable {
  readonly channel: MdnsChannel;
  next(): Promise<DnsPacket>;
}

async function listen(port: number): Promise<Heard> {
  const waiting: DnsPacket[] = [];
  let wake = Promise.withResolvers<void>();
  const channel = await openChannel({
    ...{ netInterface: loopback(), port, clock: systemClock, logger: silentLogger },
    onBroken: () => expect.unreachable(),
    onPacket: (packet) => {
      waiting.push(packet);
      wake.resolve();
      wake = Promise.withResolvers();
    },
  });
  const next = async (): Promise<DnsPacket> => {
    while (waiting.length === 0) await wake.promise;
    return waiting.shift() as DnsPacket;
  };
  return { channel, next, [Symbol.asyncDispose]: () => channel.close() };
}

const base = { ttlSeconds: 120, flush: true };
const records: readonly DnsRecord[] = [
  {
    ...base,
    type: "PTR",
    name: "_net._tcp.local",
    flush: false,
    data: "Grüße (2)._net._tcp.local",
  },
  { ...base, type: "SRV", name: "a._net._tcp.local", data: { target: "host.local", port: 8080 } },
  {
    ...base,
    type: "TXT",
    name: "a._net._tcp.local",
    data: [Buffer.from("a=b"), Buffer.from("c=")],
  },
  { ...base, type: "A", name: "host.local", data: "10.0.0.1" },
  { ...base, type: "AAAA", name: "host.local", data: "fd00::1" },
];

test("what is sent on an interface is heard there, as it was, by everybody", async () => {
  const { port } = mdnsOfItsOwn();
  await using one = await listen(port);
  await using two = await listen(port);
  const sent = dnsPacket("response", {
    answers: records.slice(0, 3),
    additionals: records.slice(3),
  });
  await one.channel.send(sent);

  expect(await one.next()).toEqual(sent);
  expect(await two.next()).toEqual(sent);
});

test("a query holds its questions, what is known, what is wanted, and whether more comes", async () => {
  const { port } = mdnsOfItsOwn();
  await using one = await listen(port);
  const sent = dnsPacket("query", {
    questions: [{ name: "_net._tcp.local", type: "PTR", unicast: false }],
    ...{ answers: records.slice(0, 1), authorities: records.slice(1, 2), truncated: true },
  });
  await one.channel.send(sent);

  expect(await one.next()).toEqual(sent);
});

test("a channel is closed twice as once, and what is sent after that is let be", async () => {
  const { port } = mdnsOfItsOwn();
  const one = await listen(port);
  await Promise.all([one.channel.close(), one.channel.close()]);
  await one.channel.send(dnsPacket("response", { answers: records }));
});

test("whoever asks from a port of its own hears the answer that is sent there", async () => {
  const { port } = mdnsOfItsOwn();
  await using asker = await listen(port);
  const answer = dnsPacket("response", { answers: records.slice(0, 1) });
  const there: MdnsChannel = await openChannel({
    ...{ netInterface: loopback(), port, clock: systemClock, logger: silentLogger },
    onPacket: (packet, sender) => {
      if (packet.kind === "query") void there.send(answer, sender);
    },
    onBroken: () => expect.unreachable(),
  });
  await asker.channel.askAlone(
    dnsPacket("query", { questions: [{ name: "_net._tcp.local", type: "PTR", unicast: false }] }),
  );

  // It hears its own question as well, and the answer only where it asked.
  expect([await asker.next(), await asker.next()].map(({ kind }) => kind).sort()).toEqual([
    ...["query", "response"],
  ]);
  await there.close();
});

test("an interface that there is not cannot be used", async () => {
  const netInterface = { ...loopback(), joinBy: "192.0.2.1" };
  const opening = openChannel({
    ...{ netInterface, port: mdnsOfItsOwn().port, clock: systemClock, logger: silentLogger },
    ...{ onPacket: () => {}, onBroken: () => {} },
  });

  await expect(opening).rejects.toMatchObject({ code: "ADDRESS_UNAVAILABLE" });
});

test("bytes that are no packet are let be, and the next packet is heard", async () => {
  const { port } = mdnsOfItsOwn();
  await using one = await listen(port);
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const send = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve) => socket.send(bytes, port, "127.0.0.1", () => resolve()));
  const noise = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 600 }), {
    numRuns: 100,
    seed: 7,
  });
  // With a header of their own they get further: a response with one record.
  const header = Buffer.from("000084000000000100000000", "hex");
  for (const bytes of noise) await send(Buffer.concat([header, bytes]));
  for (const bytes of noise) await send(bytes);
  socket.close();
  const last = dnsPacket("query", { questions: [{ name: "x.local", type: "A", unicast: false }] });
  await one.channel.send(last);
  let heard = await one.next();
  while (heard.questions[0]?.name !== "x.local") heard = await one.next();

  expect(heard).toEqual(last);
});

test("an answer that is wanted alone is said so by the library's name for the class", () => {
  const questions = [
    { name: "a.local", type: "A", class: "UNKNOWN_32769" },
    { name: "b.local", type: "A", class: "IN" },
    { name: "no..name", type: "A", class: "IN" },
  ];

  expect(readPacket({ type: "query", questions }).questions).toEqual([
    { name: "a.local", type: "A", unicast: true },
    { name: "b.local", type: "A", unicast: false },
  ]);
});

test.each([
  ["without a lifetime", { ttl: undefined }],
  ["of another class", { class: "CH" }],
  ["with an address that is none", { data: "10.0.0.999" }],
  ["of a type that is of no use", { type: "HINFO" }],
  ["whose name cannot be said again", { name: "\u{fffd}".repeat(30) }],
  ["without a name", { name: 7 }],
])("a record %s is left out", (_, changes) => {
  const record = {
    name: "a.local",
    type: "A",
    class: "IN",
    ttl: 120,
    flush: true,
    data: "10.0.0.1",
  };
  const read = (answer: object): number => readPacket({ answers: [answer] }).answers.length;

  expect([read(record), read({ ...record, ...changes })]).toEqual([1, 0]);
});
