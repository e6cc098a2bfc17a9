import { silentLogger, systemClock } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { Announcer, type AnnouncerOptions } from "../../src/discovery/announcer.ts";
import { DeviceDiscovery } from "../../src/discovery/device-discovery.ts";
import {
  type DiscoverOptions,
  discoverNodes,
  type FoundNode,
  searchNodes,
} from "../../src/discovery/discover.ts";
import { readMdnsOptions } from "../../src/discovery/mdns-options.ts";
import { mdnsOfItsOwn, Segment } from "../support/mdns.ts";

const LIMIT = 10_000;
const identity = DeviceIdentity.generate();
const rng = { next: () => 0 };

/** Announces a peer on this machine's loopback interface. */
async function announce(
  mdns: ReturnType<typeof mdnsOfItsOwn>,
  peerId: string,
  networkId: string = mdns.networkId,
): Promise<Announcer> {
  const announcer = await Announcer.start({
    peer: { networkId, peerId, peerName: peerId, address: "ws://127.0.0.1:8080" },
    settings: readMdnsOptions(mdns, networkId),
    ...{ identity, clock: systemClock, logger: silentLogger },
  });
  await announcer.announced;
  return announcer;
}

async function first(nodes: AsyncIterable<FoundNode>): Promise<FoundNode | undefined> {
  for await (const node of nodes) return node;
  return undefined;
}

/** A link in memory, on which time moves when it is told. */
class Link {
  readonly clock = new FakeClock();
  readonly segment = new Segment(this.clock);
  #machines = 0;

  async announce(peerId: string, options: Partial<AnnouncerOptions> = {}): Promise<Announcer> {
    const address = `ws://10.0.0.${++this.#machines}:8080`;
    const announcer = await Announcer.start({
      peer: { networkId: "net", peerId, peerName: peerId, address },
      settings: readMdnsOptions(true, "net"),
      ...{ identity: DeviceIdentity.generate(), clock: this.clock, rng, logger: silentLogger },
      medium: this.segment.machine(`10.0.0.${this.#machines}`),
      ...options,
    });
    await this.clock.advance(5_000);
    return announcer;
  }

  search(options: Partial<DiscoverOptions> = {}): AsyncGenerator<FoundNode, void, undefined> {
    const medium = this.segment.machine("10.0.0.99");
    return searchNodes({ mdns: true, clock: this.clock, ...options }, { medium, rng });
  }

  /** The next node, once enough time has passed; undefined if none comes in a minute. */
  async next(nodes: AsyncGenerator<FoundNode, void, undefined>): Promise<FoundNode | undefined> {
    let found: IteratorResult<FoundNode, void> | undefined;
    const finding = nodes.next().then((result) => {
      found = result;
    });
    for (let i = 0; i < 60 && !found; i++) await this.clock.advance(1_000);
    if (!found) return undefined;
    await finding;
    return found.value ?? undefined;
  }
}

test.concurrent("whoever asks is answered by a peer that was there before", {
  timeout: LIMIT,
}, async () => {
  const mdns = mdnsOfItsOwn();
  const [here, foreign] = await Promise.all([
    announce(mdns, "here"),
    announce(mdns, "foreign", "another network"),
  ]);

  expect(await first(discoverNodes({ mdns }))).toEqual({
    ...{ address: "ws://127.0.0.1:8080", host: "127.0.0.1", port: 8080 },
    ...{ addresses: ["ws://127.0.0.1:8080"], source: "mdns", sources: ["mdns"] },
    ...{ verified: true, publicKey: identity.publicKey, peerId: "here", name: "here" },
  });
  await Promise.all([here.close(), foreign.close()]);
});

test.concurrent("DeviceDiscovery gives a list of what it finds in its time", {
  timeout: LIMIT,
}, async () => {
  const mdns = mdnsOfItsOwn();
  await using _one = await announce(mdns, "one");
  const discovery = new DeviceDiscovery({ mdns, manual: ["ws://127.0.0.1:9"] });
  const found = await discovery.discover({ duration: 1_500 });

  expect([...found.keys()].sort()).toEqual(["one", "ws://127.0.0.1:9"]);
});

test("a peer that comes later is found, and once more when it comes back after a goodbye", async () => {
  const link = new Link();
  await using _first = await link.announce("first");
  const nodes = link.search();
  expect((await link.next(nodes))?.peerId).toBe("first");

  const late = await link.announce("late");
  expect((await link.next(nodes))?.peerId).toBe("late");
  await late.close();
  await link.clock.advance(2_000);
  await using _again = await link.announce("late");
  expect((await link.next(nodes))?.peerId).toBe("late");
  await nodes.return();
});

test("a peer that left without a word is forgotten when its records run out", async () => {
  const link = new Link();
  const lost = await link.announce("lost");
  const nodes = link.search();
  expect((await link.next(nodes))?.peerId).toBe("lost");
  link.segment.drop = () => true;
  await lost.close();
  await link.clock.advance(121_000);
  link.segment.drop = () => false;
  await using _again = await link.announce("lost");

  expect((await link.next(nodes))?.peerId).toBe("lost");
  await nodes.return();
});

test("a search leaves nothing behind", async () => {
  const link = new Link();
  const here = await link.announce("here");
  const nodes = link.search();
  await link.next(nodes);
  await nodes.return();
  await here.close();

  expect([link.clock.pending, link.segment.size]).toEqual([0, 0]);
});

test("a peer that nobody vouches for is found, and not verified; with trust it is not found", async () => {
  const link = new Link();
  const unsigned = { identity: undefined } as unknown as Partial<AnnouncerOptions>;
  await using _here = await link.announce("here", unsigned);
  const nodes = link.search();
  expect(await link.next(nodes)).toMatchObject({ peerId: "here", verified: false });
  await nodes.return();

  const controller = new AbortController();
  const next = link.search({ trust: {}, signal: controller.signal }).next();
  await link.clock.advance(60_000);
  controller.abort();
  await expect(next).rejects.toMatchObject({ code: "ABORTED" });
});

test("the signal ends a search", async () => {
  const controller = new AbortController();
  const next = discoverNodes({ mdns: mdnsOfItsOwn(), signal: controller.signal }).next();
  controller.abort(new Error("enough"));

  await expect(next).rejects.toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
});

test("manual addresses come first, and end the search where there is no other way", async () => {
  const nodes = await Array.fromAsync(
    discoverNodes({ manual: ["ws://10.0.0.1:1", "ws://[::1]:2"] }),
  );

  expect(nodes).toMatchObject([
    { address: "ws://10.0.0.1:1", host: "10.0.0.1", port: 1, source: "manual", verified: false },
    { address: "ws://[::1]:2", host: "[::1]", port: 2, source: "manual", verified: false },
  ]);
  await expect(first(discoverNodes({ manual: ["nowhere"] }))).rejects.toThrow("host and a port");
});

test("a search that is aborted before it begins finds nothing", async () => {
  const signal = AbortSignal.abort();

  await expect(first(discoverNodes({ mdns: mdnsOfItsOwn(), signal }))).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test("an interface that this machine does not have is said", async () => {
  const mdns = { ...mdnsOfItsOwn(), interface: "192.0.2.1" };

  await expect(first(discoverNodes({ mdns }))).rejects.toMatchObject({
    code: "ADDRESS_UNAVAILABLE",
  });
});

test("a peer whose announcement is aborted before it begins leaves nothing", async () => {
  const link = new Link();
  const controller = new AbortController();
  const announcing = link.announce("here", { signal: controller.signal });
  controller.abort();

  await expect(announcing).rejects.toMatchObject({ code: "ABORTED" });
  expect([link.clock.pending, link.segment.size, link.segment.seen]).toEqual([0, 0, []]);
});

test("a peer that only this machine can dial is not announced elsewhere", async () => {
  const outer = { ...mdnsOfItsOwn(), interface: "all" };
  const peer = { networkId: "net", peerId: "a", peerName: "a", address: "memory:a" };
  const options = { settings: readMdnsOptions(outer, "net"), clock: systemClock };

  await expect(Announcer.start({ ...options, peer, logger: silentLogger })).rejects.toThrow(
    "cannot be announced",
  );
});

test.each([
  ["a port that is none", { mdns: { port: 0 } }, "the port for mDNS"],
  ["an interface that is none", { mdns: { interface: "" } }, "the interface for mDNS"],
  ["no interface at all", { broadcast: { interface: [] } }, "the interface for broadcast"],
  ["two networks", { networkId: "a", mdns: { networkId: "b" } }, "networkId"],
  ["no range", { range: [] }, "range"],
])("%s is refused", async (_, options, message) => {
  await expect(first(discoverNodes(options as DiscoverOptions))).rejects.toThrow(message);
});

test.each<[string, object]>([
  ["a search for peers has no option mdsn: did you mean mdns?", { mdsn: true }],
  ["mdns must be", { mdns: "yes" }],
  ["manual must be a list", { manual: "ws://10.0.0.1:1" }],
  ["manual must be a list", { manual: [5] }],
  ["range must be", { range: [5] }],
  ["range has no option port: did you mean ports?", { range: { targets: "127.0.0.1", port: 1 } }],
  ["rendezvous must be", { rendezvous: {} }],
  ["identify must be a function", { identify: true }],
  ["trust.keys must be", { trust: { keys: ["x"] } }],
  ["trust has no option key: did you mean keys?", { trust: { key: [] } }],
  ["self must be a raw public key", { self: "x" }],
  ["signal must be an AbortSignal", { signal: {} }],
  ["clock must be", { clock: {} }],
])("%s, where the options are %j", async (message, options) => {
  const search = first(discoverNodes(options));

  await expect(search).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(search).rejects.toThrow(message);
});

test("a DeviceDiscovery is not made of options that are wrong", () => {
  expect(() => new DeviceDiscovery({ manual: "ws://10.0.0.1:1" } as never)).toThrow(
    "manual must be",
  );
  expect(() => new DeviceDiscovery(null as never)).toThrow("must be an object");
});
