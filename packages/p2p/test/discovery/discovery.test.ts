import { silentLogger } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { DeviceDiscovery, discoverNodes, type FoundNode } from "@net/p2p";
import { expect, test } from "vitest";
import { Announcer } from "../../src/discovery/announcer.ts";
import { mdnsOfItsOwn } from "../support/mdns.ts";

const LIMIT = 10_000;

function announce(
  settings: ReturnType<typeof mdnsOfItsOwn>,
  peerId: string,
  networkId: string = settings.networkId,
): Promise<Announcer> {
  const peer = { networkId, peerId, peerName: peerId, address: "ws://127.0.0.1:8080" };
  // On a clock that stands still nothing is repeated: what is heard was said at once, or asked for.
  return Announcer.start({ peer, settings, clock: new FakeClock(), logger: silentLogger });
}

async function first(nodes: AsyncIterable<FoundNode>): Promise<FoundNode | undefined> {
  for await (const node of nodes) return node;
  return undefined;
}

test("whoever asks is answered by a peer that was there before", { timeout: LIMIT }, async () => {
  const mdns = mdnsOfItsOwn();
  await using _here = await announce(mdns, "here");
  await using _foreign = await announce(mdns, "foreign", "another network");

  expect(await first(discoverNodes({ mdns }))).toEqual({
    ...{ address: "ws://127.0.0.1:8080", host: "127.0.0.1", port: 8080 },
    ...{ source: "mdns", peerId: "here", name: "here" },
  });
});

test("a peer that comes later is found, and once more when it comes back after a goodbye", {
  timeout: LIMIT,
}, async () => {
  const mdns = mdnsOfItsOwn();
  await using _first = await announce(mdns, "first");
  const nodes = discoverNodes({ mdns });
  const next = async (): Promise<string | undefined> => (await nodes.next()).value?.peerId;
  expect(await next()).toBe("first");

  const late = await announce(mdns, "late");
  expect(await next()).toBe("late");
  await late.close();
  await using _again = await announce(mdns, "late");
  expect(await next()).toBe("late");
  await nodes.return();
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

  expect(nodes).toEqual([
    { address: "ws://10.0.0.1:1", host: "10.0.0.1", port: 1, source: "manual" },
    { address: "ws://[::1]:2", host: "[::1]", port: 2, source: "manual" },
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

test("DeviceDiscovery gives a list of what it finds in its time", { timeout: LIMIT }, async () => {
  const mdns = mdnsOfItsOwn();
  await using _one = await announce(mdns, "one");
  const discovery = new DeviceDiscovery({ mdns, manual: ["ws://127.0.0.1:9"] });
  const found = await discovery.discover({ duration: 500 });

  expect([...found.keys()].sort()).toEqual(["one", "ws://127.0.0.1:9"]);
});
