import { expect, test } from "vitest";
import { GossipKind } from "../../../src/gossip/kinds.ts";
import type { PublishedMessage } from "../../../src/gossip/pubsub/subscription.ts";
import { peerIds } from "../support/sim-links.ts";
import { SimNetwork } from "../support/sim-network.ts";

const { broadcast } = GossipKind;

/** Notes what a peer gets. */
function listen(net: SimNetwork, id: string, topic: string): PublishedMessage[] {
  const got: PublishedMessage[] = [];
  net.peer(id).gossip.subscribe(topic, {}, (message) => void got.push(message));
  return got;
}

/** Linked in a line, and settled. */
async function line(...ids: readonly string[]): Promise<SimNetwork> {
  const net = new SimNetwork();
  for (const id of ids) net.add(id);
  net.line(...ids);
  await net.clock.advance(3_000);
  return net;
}

test("what is published comes to those who subscribed, near and far, and to nobody else", async () => {
  using net = await line("a", "b", "c", "d");
  const [atB, atD] = [listen(net, "b", "news"), listen(net, "d", "news.*")];
  const atC = listen(net, "c", "other");
  await net.clock.advance(1_000);

  expect(net.peer("a").gossip.publish("news", { n: 1 })).toBe(1);
  expect(net.peer("a").gossip.publish("news.sport", 2)).toBe(1);
  expect(net.peer("a").gossip.publish("nobody", 3)).toBe(0);
  await net.clock.advance(100);
  expect(atB).toEqual([{ topic: "news", from: "a", data: { n: 1 }, missed: 0 }]);
  expect(atD).toEqual([{ topic: "news.sport", from: "a", data: 2, missed: 0 }]);
  expect(atC).toEqual([]);
});

test("a publisher that is subscribed gets its own, without a network too", async () => {
  using net = new SimNetwork();
  net.add("a");
  const got = listen(net, "a", "*");

  expect(net.peer("a").gossip.publish("here", undefined)).toBe(0);
  await net.clock.advance(0);
  expect(got).toEqual([{ topic: "here", from: "a", data: undefined, missed: 0 }]);
});

test("one who ends its last subscription gets nothing any more, and is sent nothing", async () => {
  using net = await line("a", "b");
  const first = net.peer("b").gossip.subscribe("t");
  const second = net.peer("b").gossip.subscribe("t");
  await net.clock.advance(3_000);
  expect(net.peer("a").gossip.publish("t", 1)).toBe(1);
  first.close();
  first.close();
  await net.clock.advance(3_000);
  expect(net.peer("a").gossip.publish("t", 2)).toBe(1);
  second[Symbol.dispose]();
  await net.clock.advance(3_000);
  const before = net.count(broadcast);

  expect(net.peer("a").gossip.publish("t", 3)).toBe(0);
  await net.clock.advance(1_000);
  expect(net.count(broadcast)).toBe(before);
});

test("subscribers who are all neighbours cost one copy each, and nobody else anything", async () => {
  using net = new SimNetwork();
  const ids = peerIds(12);
  for (const id of ids) net.add(id);
  for (const [i, id] of ids.entries()) for (const other of ids.slice(i + 1)) net.link(id, other);
  const got = ["p003", "p007"].map((id) => listen(net, id, "t"));
  await net.clock.advance(3_000);
  for (let i = 0; i < 10; i++) net.peer("p000").gossip.publish("t", i);
  await net.clock.advance(5_000);

  expect(net.count(broadcast)).toBe(20);
  expect(got.map(({ length }) => length)).toEqual([10, 10]);
});

test("dead ends that are not subscribed are left out: those that do not relay, and those with one link", async () => {
  using net = new SimNetwork();
  for (const id of ["a", "hub", "far", "end", "listener"]) net.add(id);
  net.add("phone", { relay: false });
  net.line("a", "hub", "far", "listener");
  net.link("hub", "end");
  net.line("hub", "phone", "far");
  const got = listen(net, "listener", "t");
  await net.clock.advance(3_000);
  for (let i = 0; i < 5; i++) net.peer("a").gossip.publish("t", i);
  await net.clock.advance(5_000);

  expect(got).toHaveLength(5);
  expect(net.peer("end").frames.get(broadcast)).toBeUndefined();
  expect(net.peer("phone").frames.get(broadcast)).toBeUndefined();
  expect(net.count(broadcast)).toBe(15);
});

test("in a mesh of thirty peers a publication costs at most one copy per relay", async () => {
  using net = new SimNetwork(3);
  const ids = peerIds(30);
  for (const [i, id] of ids.entries()) net.add(id, { relay: i % 3 === 0 });
  const relays = ids.filter((_, i) => i % 3 === 0);
  net.wire(relays, 4);
  for (const [i, id] of ids.entries()) {
    if (i % 3 !== 0) for (const k of [i, i * 7]) net.link(id, relays[k % relays.length] as string);
  }
  const subscribers = ids.filter((_, i) => i % 5 === 1);
  const got = subscribers.map((id) => listen(net, id, "t"));
  const leaves = subscribers.filter((id) => !relays.includes(id)).length;
  await net.clock.advance(3_000);
  net.peer("p000").gossip.publish("t", "first");
  await net.clock.advance(2_000);
  const before = net.count(broadcast);
  for (let i = 0; i < 10; i++) expect(net.peer("p000").gossip.publish("t", i)).toBe(6);
  await net.clock.advance(5_000);

  for (const messages of got) expect(messages).toHaveLength(11);
  expect((net.count(broadcast) - before) / 10).toBeLessThanOrEqual((10 - 1 + leaves) * 1.1);
});

test("iterating ends with break, and that ends the subscription", async () => {
  using net = await line("a");
  const { gossip } = net.peer("a");
  const subscription = gossip.subscribe("t.*");
  for (let i = 0; i < 3; i++) gossip.publish("t.x", i);
  const got: unknown[] = [];
  for await (const { data } of subscription) {
    got.push(data);
    if (data === 1) break;
  }
  gossip.publish("t.x", 3);

  expect(got).toEqual([0, 1]);
  expect(await Array.fromAsync(subscription)).toMatchObject([{ data: 2 }]);
});

test("a signal ends a subscription; an aborted one begins none", async () => {
  using net = await line("a");
  const { gossip } = net.peer("a");
  const abort = new AbortController();
  const subscription = gossip.subscribe("t", { signal: abort.signal });
  gossip.publish("t", 1);
  abort.abort();
  gossip.publish("t", 2);

  expect(await Array.fromAsync(subscription)).toHaveLength(1);
  expect(() => gossip.subscribe("t", { signal: abort.signal })).toThrow(
    expect.objectContaining({ code: "ABORTED" }),
  );
});

test("a slow subscriber is told how many messages it has missed", async () => {
  using net = await line("a");
  const { gossip } = net.peer("a");
  const subscription = gossip.subscribe("t", { capacity: 2 });
  const messages = subscription[Symbol.asyncIterator]();
  for (let i = 0; i < 5; i++) gossip.publish("t", i);
  const next = async () => (await messages.next()).value as PublishedMessage;
  expect([await next(), await next()]).toMatchObject([{ data: 0 }, { data: 1, missed: 0 }]);
  gossip.publish("t", 5);

  expect(await next()).toMatchObject({ data: 5, missed: 3 });
  expect(subscription.dropped).toBe(3);
});

test("large messages count as several in a subscriber's buffer", async () => {
  using net = await line("a");
  const { gossip } = net.peer("a");
  const subscription = gossip.subscribe("t", { capacity: 4 });
  for (let i = 0; i < 3; i++) gossip.publish("t", new Uint8Array(60_000));

  expect(subscription.dropped).toBe(1);
});

test("256 topics are the most; stopping ends them all", async () => {
  using net = await line("a");
  const { gossip } = net.peer("a");
  const subscriptions = Array.from({ length: 256 }, (_, i) => gossip.subscribe(`t${i}`));
  gossip.subscribe("t0");
  expect(() => gossip.subscribe("one more")).toThrow(
    expect.objectContaining({ code: "OVERLOADED" }),
  );
  gossip.stop();

  expect(await Promise.all(subscriptions.map((each) => Array.fromAsync(each)))).toHaveLength(256);
  expect(() => gossip.subscribe("t")).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect(() => gossip.publish("t", 1)).toThrow(expect.objectContaining({ code: "CLOSED" }));
});

test("what is sent is what JSON can say, and byte strings; all else is refused by its place", async () => {
  using net = await line("a");
  const got = listen(net, "a", "t");
  const { gossip } = net.peer("a");
  gossip.publish("t", { at: new Date(0), bytes: new Uint8Array([1]) });
  await net.clock.advance(0);

  expect(got[0]?.data).toMatchObject({ at: "1970-01-01T00:00:00.000Z" });
  expect(() => gossip.publish("t", { list: [() => 1] })).toThrow(
    expect.objectContaining({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("list.0"),
    }),
  );
});
