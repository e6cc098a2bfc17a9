import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { queriesOf } from "../../../src/discovery/mdns/asker.ts";
import { type DnsRecord, dnsPacket, MDNS_PORT } from "../../../src/discovery/mdns/dns.ts";
import { ServiceBrowser } from "../../../src/discovery/mdns/service-browser.ts";
import { recordsOf, SERVICE } from "../../../src/discovery/service.ts";
import { fakeInterface, Segment } from "../../support/mdns.ts";

const THERE = { address: "10.0.0.1", port: MDNS_PORT };

class Setup {
  readonly clock = new FakeClock();
  readonly segment = new Segment(this.clock);
  /** What the browser told, in its order. */
  readonly told: string[] = [];
  browser: ServiceBrowser | undefined;

  async browse(): Promise<ServiceBrowser> {
    this.browser = await ServiceBrowser.start({
      ...{ clock: this.clock, rng: { next: () => 0 }, service: SERVICE },
      medium: this.segment.machine("10.0.0.99"),
      onFound: (_via, { name, port, addresses }) =>
        this.told.push(`+${name.split(".")[0]} ${addresses.join(",")}:${port}`),
      onLost: (via) => this.told.push(`-${via.split(" ").at(-1)?.split(".")[0]}`),
    });
    return this.browser;
  }

  /** A responder says something. */
  say(...answers: DnsRecord[]): void {
    this.segment.send(dnsPacket("response", { answers }), THERE);
  }

  /** Names and types that were asked for since, with their times. */
  asked(since = 0): string[] {
    return this.segment
      .queries()
      .slice(since)
      .map(({ atMs, packet: { questions } }) => {
        const all = questions.map(({ name, type }) => `${type} ${name.split(".")[0]}`);
        return `${atMs} ${all.join(", ")}`;
      });
  }
}

function records(name: string, port = 80, address = "10.0.0.1"): DnsRecord[] {
  const bytes = Buffer.concat([Buffer.of(3), Buffer.from("a=b")]);
  return recordsOf(bytes, port, { instance: name, host: `host-${name}` }, [address]);
}

function withTtl(list: readonly DnsRecord[], ttlSeconds: number): DnsRecord[] {
  return list.map((record) => ({ ...record, ttlSeconds }));
}

function without(list: readonly DnsRecord[], ...types: string[]): DnsRecord[] {
  return list.filter(({ type }) => !types.includes(type));
}

test("it asks at once, then after 1, 2, 4 and more seconds, at last once an hour", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  await setup.clock.advance(15_000);
  expect(setup.asked()).toEqual([0, 1_000, 3_000, 7_000, 15_000].map((atMs) => `${atMs} PTR _net`));

  await setup.clock.advance(20 * 3_600_000);
  const times = setup.segment.queries().map(({ atMs }) => atMs);
  expect((times.at(-1) ?? 0) - (times.at(-2) ?? 0)).toBe(3_600_000);
});

test("an interface that comes later is asked after 20 ms and more", async () => {
  const setup = new Setup();
  await using browser = await setup.browse();
  await setup.clock.advance(500);
  setup.segment.plug(browser, fakeInterface("10.0.0.98", { key: "wlan0" }));
  await setup.clock.advance(400);

  expect(setup.asked()).toEqual(["0 PTR _net", "520 PTR _net"]);
  // Only whoever searches waits for the first answer.
  expect(setup.segment.alone).toEqual([
    dnsPacket("query", { questions: [{ name: SERVICE, type: "PTR", unicast: false }] }),
  ]);
});

test("an instance is told when all of it is known, and again when it has changed", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  setup.say(...records("a"));
  await setup.clock.advance(10);
  setup.say(...records("a"));
  setup.say(...records("a", 81));
  await setup.clock.advance(10);

  expect(setup.told).toEqual(["+a 10.0.0.1:80", "+a 10.0.0.1:81"]);
});

test("what is missing is asked for, three times, and what came is not", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  await setup.clock.advance(10);
  setup.say(...without(records("a"), "SRV", "TXT", "A"));
  await setup.clock.advance(500);
  setup.say(...without(records("a"), "PTR", "TXT", "A"));
  await setup.clock.advance(600);
  setup.say(...without(records("a"), "PTR", "SRV", "A"));
  await setup.clock.advance(20_000);

  const resolving = setup.asked().filter((asked) => !asked.endsWith("PTR _net"));
  expect(resolving).toEqual([
    "10 SRV a, TXT a",
    "1010 TXT a, A host-a, AAAA host-a",
    "4010 A host-a, AAAA host-a",
  ]);
  expect(setup.told).toEqual([]);
  setup.say(...without(records("a"), "PTR", "SRV", "TXT"));
  await setup.clock.advance(1);
  expect(setup.told).toEqual(["+a 10.0.0.1:80"]);
});

test("what it knows for more than half of its time it tells when it asks", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  await setup.clock.advance(10);
  setup.say(...records("a"));
  await setup.clock.advance(1_000);
  const known = setup.segment.queries().at(-1)?.packet.answers;

  expect(known).toMatchObject([{ type: "PTR", data: `a.${SERVICE}`, ttlSeconds: 4_499 }]);
  expect(known?.[0]?.flush).toBe(false);
  await setup.clock.advance(4_400_000);
  const last = setup.segment.queries().findLast(({ packet }) => packet.answers.length > 0);
  expect(last?.atMs).toBeLessThan(2_250_000);
});

test("before a record runs out it is asked for, at 80, 85, 90 and 95 % of its time; then it is lost", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  await setup.clock.advance(10);
  setup.say(
    ...without(records("a"), "SRV"),
    ...withTtl(without(records("a"), "PTR", "TXT", "A"), 100),
  );
  await setup.clock.advance(99_999);
  const asked = setup.asked().filter((each) => each.endsWith("SRV a"));

  expect(asked).toEqual([80, 85, 90, 95].map((part) => `${part * 1_000 + 10} SRV a`));
  expect(setup.told).toEqual(["+a 10.0.0.1:80"]);
  await setup.clock.advance(1);
  expect(setup.told).toEqual(["+a 10.0.0.1:80", "-a"]);
});

test("an answer gives a record its whole time again", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  setup.say(...withTtl(records("a"), 100));
  await setup.clock.advance(90_000);
  setup.say(...withTtl(records("a"), 100));
  await setup.clock.advance(90_000);

  expect(setup.told).toEqual(["+a 10.0.0.1:80"]);
});

test("a goodbye counts after a second, unless the record is said again meanwhile", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  setup.say(...records("a"), ...records("b"));
  await setup.clock.advance(10);
  setup.say(...withTtl(records("a"), 0), ...withTtl(records("b"), 0));
  await setup.clock.advance(999);
  setup.say(...records("b"));
  await setup.clock.advance(1_000);

  expect(setup.told).toEqual(["+a 10.0.0.1:80", "+b 10.0.0.1:80", "-a"]);
});

test("the address that a host has now takes the place of the one it had", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  setup.say(...records("a"));
  await setup.clock.advance(5_000);
  setup.say(...without(records("a", 80, "10.0.0.2"), "PTR", "SRV", "TXT"));
  await setup.clock.advance(1_001);

  expect(setup.told).toEqual([...["+a 10.0.0.1:80", "+a 10.0.0.1,10.0.0.2:80", "+a 10.0.0.2:80"]]);
});

test("a host is known by its new service when the old one has run out", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  setup.say(...records("a", 80));
  await setup.clock.advance(5_000);
  setup.say(...without(records("a", 81), "PTR", "TXT", "A"));
  await setup.clock.advance(5_000);
  setup.say(...without(records("a", 81, "10.0.0.2"), "PTR", "SRV", "TXT"));
  await setup.clock.advance(5_000);

  expect(setup.told.at(-1)).toBe("+a 10.0.0.2:81");
});

test("what an interface showed is lost with it", async () => {
  const setup = new Setup();
  await using browser = await setup.browse();
  const other = setup.segment.plug(browser, fakeInterface("10.0.0.98", { key: "wlan0" }));
  setup.say(...records("a"));
  await setup.clock.advance(10);
  setup.segment.unplug(other);

  expect(setup.told).toEqual(["+a 10.0.0.1:80", "+a 10.0.0.1:80", "-a"]);
});

test("records of other services and hosts are not kept", async () => {
  const setup = new Setup();
  await using browser = await setup.browse();
  const foreign: DnsRecord[] = Array.from({ length: 100 }, (_, i) => ({
    ...{ type: "A", name: `x${i}.local`, ttlSeconds: 120, flush: true, data: "10.0.0.1" },
  }));
  await setup.clock.advance(0);
  const before = setup.clock.pending;
  setup.say(...foreign);
  await setup.clock.advance(0);

  expect(setup.clock.pending).toBe(before);
  await browser[Symbol.asyncDispose]();
  expect(setup.clock.pending).toBe(0);
});

test("a flood of instances is bounded", async () => {
  const setup = new Setup();
  await using _browser = await setup.browse();
  for (let i = 0; i < 6_000; i++) {
    setup.say({
      type: "PTR",
      name: SERVICE,
      ttlSeconds: 9,
      flush: false,
      data: `x${i}.${SERVICE}`,
    });
    if (i % 500 === 0) await setup.clock.advance(0);
  }
  await setup.clock.advance(0);

  // Each record, and each of the 256 that are asked for at a time, has one timer.
  expect(setup.clock.pending).toBeLessThanOrEqual(4_096 + 256 + 1);
});

test("known answers that do not fit a packet come in further ones, all but the last marked", () => {
  const known = Array.from(
    { length: 60 },
    (_, i) =>
      ({
        type: "PTR",
        name: SERVICE,
        ttlSeconds: 9,
        flush: false,
        data: `x${i}.${SERVICE}`,
      }) as const,
  );
  const question = { name: SERVICE, type: "PTR", unicast: false };
  const packets = queriesOf([question], known);

  expect(packets.length).toBeGreaterThan(1);
  expect(packets.flatMap(({ answers }) => answers)).toEqual(known);
  expect(packets.map(({ questions }) => questions.length)).toEqual([
    1,
    ...packets.slice(1).map(() => 0),
  ]);
  expect(packets.map(({ truncated }) => truncated)).toEqual(
    packets.map((_, i) => i < packets.length - 1),
  );
});
