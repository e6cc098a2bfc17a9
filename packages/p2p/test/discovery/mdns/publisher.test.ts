import { silentLogger } from "@net/core";
import { FakeClock, scriptedRng } from "@net/core/testing";
import { expect, test } from "vitest";
import {
  type DnsPacket,
  type DnsRecord,
  dnsPacket,
  MDNS_PORT,
  type Question,
} from "../../../src/discovery/mdns/dns.ts";
import { type ServiceNames, ServicePublisher } from "../../../src/discovery/mdns/publisher.ts";
import { hostName, recordsOf, SERVICE } from "../../../src/discovery/service.ts";
import { fakeInterface, type Seen, Segment } from "../../support/mdns.ts";

const ASKER = { address: "10.0.0.9", port: MDNS_PORT };

/** A machine that publishes a service; without chance, so that probing begins at once and shared answers come after 20 ms. */
async function machine(
  segment: Segment,
  clock: FakeClock,
  options: { address?: string; names?: Partial<ServiceNames>; text?: () => string } = {},
): Promise<ServicePublisher> {
  const { address = "10.0.0.1", text = () => `a0=ws://${address}:80` } = options;
  return await ServicePublisher.start({
    ...{ clock, logger: silentLogger, rng: { next: () => 0 }, port: MDNS_PORT, hostName },
    medium: segment.machine(address),
    names: { instance: "Main", host: `host-${address.at(-1)}`, ...options.names },
    describe: (names) => recordsOf(bytesOf(text()), 80, names, [address]),
  });
}

function bytesOf(text: string): Uint8Array {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
}

function setup(): { clock: FakeClock; segment: Segment } {
  const clock = new FakeClock();
  return { clock, segment: new Segment(clock) };
}

function question(name: string, type: string, unicast = false): Question {
  return { name, type, unicast };
}

function typesOf(records: readonly DnsRecord[] = []): string[] {
  return records.map(({ type }) => type);
}

/** What is answered from now on; when, since the asking. */
async function ask(
  segment: Segment,
  clock: FakeClock,
  packet: Partial<DnsPacket>,
  from = ASKER,
): Promise<(Seen & { afterMs: number })[]> {
  const [before, askedMs] = [segment.seen.length, clock.monotonicMs()];
  segment.send(dnsPacket("query", packet), from);
  await clock.advance(600);
  return segment.seen
    .slice(before + 1)
    .filter(({ packet: { kind } }) => kind === "response")
    .map((seen) => ({ ...seen, afterMs: seen.atMs - askedMs }));
}

test("a name is asked for three times, 250 ms apart, and then announced three times, with twice the time between", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);

  expect(segment.queries().map(({ atMs }) => atMs)).toEqual([0, 250, 500]);
  for (const { packet } of segment.queries()) {
    expect(packet.questions).toEqual([
      question(`Main.${SERVICE}`, "ANY"),
      question("host-1.local", "ANY"),
    ]);
    expect(typesOf(packet.authorities)).toEqual(["SRV", "TXT", "A"]);
    expect(packet.authorities.some(({ flush }) => flush)).toBe(false);
  }
  expect(segment.responses().map(({ atMs }) => atMs)).toEqual([750, 1_750, 3_750]);
  for (const { packet } of segment.responses()) {
    expect(packet.answers.map(({ type, flush }) => [type, flush])).toEqual([
      ...[
        ["PTR", false],
        ["PTR", false],
        ["SRV", true],
        ["TXT", true],
        ["A", true],
      ],
    ]);
  }
});

test("probing begins at a moment of chance within 250 ms", async () => {
  const { clock, segment } = setup();
  await using _main = await ServicePublisher.start({
    ...{ clock, logger: silentLogger, rng: scriptedRng([0.5]), port: MDNS_PORT, hostName },
    ...{ medium: segment.machine("10.0.0.1"), names: { instance: "Main", host: "host" } },
    describe: (names) => recordsOf(bytesOf("a=b"), 80, names, ["10.0.0.1"]),
  });
  await clock.advance(300);

  expect(segment.queries().map(({ atMs }) => atMs)).toEqual([125]);
});

test("whoever comes second takes another name, and counts on", async () => {
  const { clock, segment } = setup();
  await using first = await machine(segment, clock, { address: "10.0.0.1" });
  await clock.advance(5_000);
  await using second = await machine(segment, clock, { address: "10.0.0.2" });
  await clock.advance(5_000);
  await using third = await machine(segment, clock, { address: "10.0.0.3" });
  await clock.advance(5_000);

  expect([first, second, third].map(({ names }) => names.instance)).toEqual([
    ...["Main", "Main (2)", "Main (3)"],
  ]);
});

test("a host's name is taken anew without a space, and the instance keeps its own", async () => {
  const { clock, segment } = setup();
  const names = { host: "box" };
  await using _first = await machine(segment, clock, { address: "10.0.0.1", names });
  await clock.advance(5_000);
  const other = { host: "BOX", instance: "Other" };
  await using second = await machine(segment, clock, { address: "10.0.0.2", names: other });
  await clock.advance(5_000);

  expect(second.names).toEqual({ instance: "Other", host: "BOX-2" });
});

test("of two who probe at once the one with the later data wins, and the other waits and takes another name", async () => {
  const { clock, segment } = setup();
  await using low = await machine(segment, clock, { address: "10.0.0.1", text: () => "v=a" });
  await using high = await machine(segment, clock, { address: "10.0.0.2", text: () => "v=b" });
  await clock.advance(10_000);

  expect(high.names.instance).toBe("Main");
  expect(low.names.instance).toBe("Main (2)");
});

test("two networks that grow together after both had announced one name: one of them takes another", async () => {
  const { clock, segment } = setup();
  segment.drop = () => true;
  await using one = await machine(segment, clock, { address: "10.0.0.1" });
  await using two = await machine(segment, clock, { address: "10.0.0.2" });
  await clock.advance(5_000);
  expect([one, two].map(({ names }) => names.instance)).toEqual(["Main", "Main"]);

  segment.drop = () => false;
  await ask(segment, clock, { questions: [question(SERVICE, "PTR")] });
  await clock.advance(10_000);

  expect([one, two].map(({ names }) => names.instance).sort()).toEqual(["Main", "Main (2)"]);
});

test("a name that somebody disputes is asked for again, and kept if nobody has it", async () => {
  const { clock, segment } = setup();
  await using main = await machine(segment, clock);
  await clock.advance(10_000);
  const before = segment.queries().length;
  const data = { target: "other.local", port: 1 };
  const srv = { type: "SRV", name: `MAIN.${SERVICE}`, ttlSeconds: 120, flush: true, data } as const;
  segment.send(dnsPacket("response", { answers: [srv] }), ASKER);
  await clock.advance(10_000);

  expect(main.names.instance).toBe("Main");
  expect(segment.queries().length).toBe(before + 3);
  expect(segment.responses().length).toBe(3 + 1 + 3);
});

test("a name that somebody gives up while it is asked for is free", async () => {
  const { clock, segment } = setup();
  await using main = await machine(segment, clock);
  await clock.advance(300);
  const data = { target: "other.local", port: 1 };
  const name = `Main.${SERVICE}`;
  const goodbye = { type: "SRV", name, ttlSeconds: 0, flush: true, data } as const;
  segment.send(dnsPacket("response", { answers: [goodbye] }), ASKER);
  await clock.advance(5_000);

  expect(main.names.instance).toBe("Main");
});

test("a name that is lost on one link is given up on the others, and taken back there only", async () => {
  const clock = new FakeClock();
  const [here, there] = [new Segment(clock), new Segment(clock)];
  await using main = await ServicePublisher.start({
    ...{ clock, logger: silentLogger, rng: { next: () => 0 }, port: MDNS_PORT, hostName },
    names: { instance: "Main", host: "host" },
    medium: async (listener) => {
      here.plug(listener, fakeInterface("10.0.0.1", { key: "a" }));
      await clock.advance(5_000);
      there.plug(listener, fakeInterface("10.0.0.2", { key: "b" }));
      return { [Symbol.asyncDispose]: async () => {} };
    },
    describe: (names, { addresses: own }) => recordsOf(bytesOf("v=1"), 80, names, own),
  });
  await clock.advance(100);
  const data = { target: "other.local", port: 1 };
  const name = `Main.${SERVICE}`;
  const other = { type: "SRV", name, ttlSeconds: 120, flush: true, data } as const;
  there.send(dnsPacket("response", { answers: [other] }), ASKER);
  await clock.advance(5_000);

  expect(main.names.instance).toBe("Main (2)");
  const goodbyes = (segment: Segment): Seen[] =>
    segment.responses().filter(({ packet }) => packet.answers[0]?.ttlSeconds === 0);
  expect(goodbyes(here)).toMatchObject([
    { packet: { answers: [{ data: name }, {}, { name }, {}, {}] } },
  ]);
  expect(goodbyes(there)).toEqual([]);
});

test("after many conflicts it takes its time", async () => {
  const { clock, segment } = setup();
  await using main = await machine(segment, clock);
  const deny = (): void => {
    const { instance } = main.names;
    const data = { target: "other.local", port: 1 };
    const srv = { type: "SRV", name: `${instance}.${SERVICE}`, ttlSeconds: 120, flush: true, data };
    segment.send(dnsPacket("response", { answers: [srv as DnsRecord] }), ASKER);
  };
  for (let i = 0; i < 15; i++) {
    await clock.advance(1);
    deny();
  }
  await clock.advance(1);
  const before = segment.queries().length;
  await clock.advance(4_990);
  expect(segment.queries().length).toBe(before);
  await clock.advance(1_000);
  expect(main.names.instance).toBe("Main (16)");
  expect(segment.queries().length).toBeGreaterThan(before);
});

test("whoever leaves takes everything back, once", async () => {
  const { clock, segment } = setup();
  const main = await machine(segment, clock);
  await clock.advance(5_000);
  const before = segment.seen.length;
  await Promise.all([main.close(), main.close()]);

  const [goodbye, ...rest] = segment.seen.slice(before);
  expect(rest).toEqual([]);
  expect(typesOf(goodbye?.packet.answers)).toEqual(["PTR", "PTR", "SRV", "TXT", "A"]);
  expect(goodbye?.packet.answers.every(({ ttlSeconds }) => ttlSeconds === 0)).toBe(true);
  expect([clock.pending, segment.size]).toEqual([0, 0]);
});

test("whoever leaves before its name was its own says nothing", async () => {
  const { clock, segment } = setup();
  const main = await machine(segment, clock);
  await clock.advance(300);
  await main.close();
  await main.announced;

  expect(segment.responses()).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a question for all instances is answered after a while, with all that is asked next", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const [answer, ...rest] = await ask(segment, clock, {
    questions: [question("_NET._tcp.LOCAL", "PTR")],
  });

  expect(rest).toEqual([]);
  expect(answer?.afterMs).toBe(20);
  expect(typesOf(answer?.packet.answers)).toEqual(["PTR"]);
  expect(typesOf(answer?.packet.additionals)).toEqual(["SRV", "TXT", "A"]);
});

test("a question for what only one can have is answered at once", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const [answer] = await ask(segment, clock, { questions: [question("host-1.local", "A")] });

  expect(answer?.afterMs).toBe(0);
  expect(answer?.packet.answers).toMatchObject([{ type: "A", data: "10.0.0.1", flush: true }]);
});

test("for a type that a name of ours does not have it says which it has", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const [answer] = await ask(segment, clock, { questions: [question("host-1.local", "AAAA")] });

  expect(answer?.packet.answers).toMatchObject([{ type: "NSEC", data: { rrtypes: ["A"] } }]);
});

test.each([
  ["half of its time is told nothing", 2_250, 0],
  ["less than half of its time is told it again", 2_249, 1],
])("an asker that knows the answer for %s", async (_, ttlSeconds, answers) => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const known: DnsRecord = {
    ...{ type: "PTR", name: SERVICE, ttlSeconds, flush: false, data: `Main.${SERVICE}` },
  };
  const seen = await ask(segment, clock, {
    questions: [question(SERVICE, "PTR")],
    answers: [known],
  });

  expect(seen.length).toBe(answers);
});

test("known answers that come in a second packet count too", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const known: DnsRecord = {
    ...{ type: "PTR", name: SERVICE, ttlSeconds: 4_500, flush: false, data: `Main.${SERVICE}` },
  };
  const first = { questions: [question(SERVICE, "PTR")], truncated: true };
  const alone = await ask(segment, clock, first);
  expect(alone.map(({ afterMs }) => afterMs)).toEqual([420]);

  await clock.advance(5_000);
  segment.send(dnsPacket("query", first), ASKER);
  expect(await ask(segment, clock, { answers: [known] })).toEqual([]);
});

test("what somebody else has answered meanwhile is not said again", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  segment.send(dnsPacket("query", { questions: [question(SERVICE, "PTR")] }), ASKER);
  await clock.advance(10);
  const same: DnsRecord = {
    ...{ type: "PTR", name: SERVICE, ttlSeconds: 4_500, flush: false, data: `Main.${SERVICE}` },
  };
  segment.send(dnsPacket("response", { answers: [same] }), ASKER);
  const before = segment.seen.length;
  await clock.advance(500);

  expect(segment.seen.length).toBe(before);
});

test("no record is said to everybody twice in a second, however many ask", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const before = segment.responses().length;
  for (let i = 0; i < 20; i++) {
    segment.send(dnsPacket("query", { questions: [question("host-1.local", "A")] }), ASKER);
    await clock.advance(100);
  }

  const times = segment
    .responses()
    .slice(before)
    .map(({ atMs }) => atMs);
  expect(times).toEqual([10_000, 11_000, 12_000]);
});

test("a name is defended against each probe, also within a second", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const before = segment.responses().length;
  const data = { target: "other.local", port: 1 };
  const name = `Main.${SERVICE}`;
  const wanted = { type: "SRV", name, ttlSeconds: 120, flush: false, data } as const;
  const probe = { questions: [question(name, "ANY")], authorities: [wanted] };
  for (let i = 0; i < 3; i++) {
    segment.send(dnsPacket("query", probe), ASKER);
    await clock.advance(250);
  }

  const times = segment
    .responses()
    .slice(before)
    .map(({ atMs }) => atMs);
  expect(times).toEqual([10_000, 10_250, 10_500]);
});

test("whoever wants the answer alone gets it alone, if all were told lately", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(5_000);
  const questions = [question("host-1.local", "A", true)];
  const [fresh] = await ask(segment, clock, { questions });
  await clock.advance(60_000);
  const [old] = await ask(segment, clock, { questions });

  expect(fresh?.to).toMatchObject(ASKER);
  expect(old?.to).toBeUndefined();
});

test("a program that knows no multicast DNS is answered as DNS answers, for ten seconds", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(5_000);
  const from = { address: "10.0.0.9", port: 40_000 };
  const questions = [question("host-1.local", "A")];
  const [answer] = await ask(segment, clock, { id: 77, questions }, from);

  expect(answer).toMatchObject({ to: from, packet: { id: 77, questions } });
  expect(answer?.packet.answers).toMatchObject([{ ttlSeconds: 10, flush: false }]);
});

test("what somebody takes back for us is said again", async () => {
  const { clock, segment } = setup();
  await using _main = await machine(segment, clock);
  await clock.advance(10_000);
  const [announced] = segment.responses();
  const answers = announced?.packet.answers.map((record) => ({ ...record, ttlSeconds: 0 })) ?? [];
  const before = segment.seen.length;
  segment.send(dnsPacket("response", { answers }), ASKER);
  await clock.advance(100);

  const [, rescue] = segment.seen.slice(before);
  expect(typesOf(rescue?.packet.answers)).toEqual(["PTR", "PTR", "SRV", "TXT", "A"]);
});

test("new data under the same name is announced without asking again", async () => {
  const { clock, segment } = setup();
  let version = 1;
  await using main = await machine(segment, clock, { text: () => `v=${version}` });
  await clock.advance(10_000);
  const before = segment.seen.length;
  version = 2;
  main.update();
  main.update();
  await clock.advance(100);

  const [update, ...rest] = segment.seen.slice(before);
  expect(rest).toEqual([]);
  expect(update?.packet.kind).toBe("response");
  const txt = update?.packet.answers.find(({ type }) => type === "TXT");
  expect(txt?.type === "TXT" && txt.data.map(String)).toEqual(["v=2"]);
});

test("a machine with two interfaces on one link is in no conflict with itself", async () => {
  const { clock, segment } = setup();
  const addresses = ["10.0.0.1", "10.0.0.2"];
  await using main = await ServicePublisher.start({
    ...{ clock, logger: silentLogger, rng: { next: () => 0 }, port: MDNS_PORT, hostName },
    names: { instance: "Main", host: "host" },
    medium: async (listener) => {
      for (const each of addresses) segment.plug(listener, fakeInterface(each, { key: each }));
      return { [Symbol.asyncDispose]: async () => {} };
    },
    describe: (names, { addresses: own }) => recordsOf(bytesOf("v=1"), 80, names, own),
  });
  await clock.advance(10_000);

  expect(main.names).toEqual({ instance: "Main", host: "host" });
  const announced = new Set(segment.responses().map(({ from }) => from.address));
  expect([...announced].sort()).toEqual(addresses);
});

test("an interface that comes later is told too, and one that has gone is silent", async () => {
  const { clock, segment } = setup();
  await using main = await machine(segment, clock);
  await clock.advance(10_000);
  const late = segment.plug(main, fakeInterface("10.0.0.7", { key: "wlan0" }));
  await clock.advance(10_000);
  const from = (address: string): Seen[] =>
    segment.responses().filter((seen) => seen.from.address === address);
  const said = from("10.0.0.7").length;
  segment.unplug(late);
  await ask(segment, clock, { questions: [question(SERVICE, "PTR")] });

  expect(said).toBe(3);
  expect(from("10.0.0.7").length).toBe(said);
});
