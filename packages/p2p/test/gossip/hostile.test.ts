import { DeviceIdentity } from "@net/core/identity";
import { expect, test } from "vitest";
import { GossipKind } from "../../src/gossip/kinds.ts";
import { codec } from "./support/codec.ts";
import { craftAdvert, craftBroadcast } from "./support/craft.ts";
import { SimNetwork } from "./support/sim-network.ts";

const { advert, broadcast } = GossipKind;

/** A line a – b – c, settled. */
async function line(): Promise<SimNetwork> {
  const net = new SimNetwork();
  for (const id of ["a", "b", "c"]) net.add(id, { epoch: 1 });
  net.line("a", "b", "c");
  await net.clock.advance(1_000);
  return net;
}

/** Frames of one kind that go over a link, as they are sent. */
function tap(net: SimNetwork, one: string, other: string, wanted: GossipKind): Uint8Array[] {
  const caught: Uint8Array[] = [];
  net.linkOf(one, other).meddle = (kind, body) => {
    if (kind === wanted) caught.push(body);
    return body;
  };
  return caught;
}

test("an advert under another peer's name, with another key, is not believed", async () => {
  using net = await line();
  const forged = craftAdvert(DeviceIdentity.generate(), { origin: "a", seq: 99, name: "mallory" });
  net.peer("c").gossip.receive(net.linkOf("b", "c").neighbourOf("c"), advert, forged);

  expect(net.peer("c").gossip.advertOf("a")?.linkState).toMatchObject({ name: "a" });
});

test("a relay cannot change an advert, not even a field that comes later", async () => {
  using net = await line();
  const caught = tap(net, "a", "b", advert);
  net.peer("a").gossip.announce();
  await net.clock.advance(30_000);
  const fields = codec.decode(caught.at(-1) as Uint8Array) as unknown[];
  const statement = codec.decode(fields[7] as Uint8Array) as unknown[];
  const changed = [...statement.slice(0, 11), "mallory", ...statement.slice(12), "more"];
  const c = net.peer("c");
  const seq = Number(fields[2]) + 1;
  changed[2] = seq;
  fields.splice(2, 1, seq);
  fields.splice(7, 1, codec.encode(changed));
  c.gossip.receive(net.linkOf("b", "c").neighbourOf("c"), advert, codec.encode(fields));

  expect(c.gossip.advertOf("a")?.linkState.name).toBe("a");
});

test("fields that a relay does not know yet are passed on, and are signed all the same", async () => {
  using net = await line();
  const identity = DeviceIdentity.generate();
  const body = craftAdvert(identity, { origin: "future" });
  const caught = tap(net, "b", "c", advert);
  net.peer("b").gossip.receive(net.linkOf("a", "b").neighbourOf("b"), advert, body);
  await net.clock.advance(50);

  const [sent, passedOn] = [body, caught.at(-1) as Uint8Array].map(
    (frame) => codec.decode(frame) as unknown[],
  );
  expect(passedOn?.slice(6)).toEqual(sent?.slice(6));
});

test("what was signed for another network counts for nothing", async () => {
  using net = await line();
  const identity = DeviceIdentity.generate();
  const from = net.linkOf("b", "c").neighbourOf("c");
  net
    .peer("c")
    .gossip.receive(from, advert, craftAdvert(identity, { origin: "x", networkId: "y" }));
  expect(net.peer("c").gossip.advertOf("x")).toBeUndefined();
  net.peer("c").gossip.receive(from, advert, craftAdvert(identity, { origin: "x" }));
  expect(net.peer("c").gossip.advertOf("x")).toBeDefined();
});

test("a relay that lies about an advert's age cannot end it before the next one is due", async () => {
  using net = await line();
  const identity = DeviceIdentity.generate();
  const old = craftAdvert(identity, { origin: "x", ageMs: 89_999 });
  net.peer("c").gossip.receive(net.linkOf("b", "c").neighbourOf("c"), advert, old);
  await net.clock.advance(40_000);

  expect(net.peer("c").topology.peer("x")).toBeDefined();
});

test("an old advert that comes again changes nothing, also after its peer has left", async () => {
  using net = await line();
  const caught = tap(net, "b", "c", advert);
  await net.clock.advance(31_000);
  const old = caught.slice();
  net.peer("a").stop();
  await net.clock.advance(1_000);
  for (const body of old) {
    net.peer("c").gossip.receive(net.linkOf("b", "c").neighbourOf("c"), advert, body);
  }

  expect(old.length).toBeGreaterThan(1);
  expect(net.peer("c").gossip.advertOf("a")).toBeUndefined();
});

test("whoever brings much that does not verify is not listened to for a while", async () => {
  using net = await line();
  let verifications = 0;
  const d = net.add("d", {
    verify: () => {
      verifications += 1;
      return false;
    },
  });
  net.link("c", "d");
  const from = net.linkOf("c", "d").neighbourOf("d");
  for (let i = 0; i < 200; i++) {
    const forged = craftAdvert(net.peer("c").identity, { origin: `x${i}` });
    d.gossip.receive(from, advert, forged);
  }

  expect(verifications).toBe(32);
});

test("a neighbour that makes up peers is believed some thousands, and those that were known stay", async () => {
  using net = await line();
  const d = net.add("d", { verify: () => true });
  net.link("c", "d");
  await net.clock.advance(1_000);
  const from = net.linkOf("c", "d").neighbourOf("d");
  const quick = { publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) };
  for (let i = 0; i < 3_000; i++) {
    d.gossip.receive(from, advert, craftAdvert(quick, { origin: `x${i}` }));
  }

  expect(d.topology.peers().length).toBeLessThanOrEqual(2_048 + 64 + 3);
  expect(d.reachable).toEqual(["a", "b", "c"]);
});

test("a broadcast that is not signed by its origin is neither delivered nor passed on, and is not taken for seen", async () => {
  using net = await line();
  const { gossip, messages } = net.peer("b");
  const from = net.linkOf("a", "b").neighbourOf("b");
  const forged = craftBroadcast(DeviceIdentity.generate(), { origin: "a", seq: 1, name: "forged" });
  gossip.receive(from, broadcast, forged);
  await net.clock.advance(50);
  expect([...messages, ...net.peer("c").messages]).toEqual([]);

  net.peer("a").gossip.broadcast("genuine", 1);
  await net.clock.advance(50);
  for (const id of ["b", "c"]) {
    expect(net.peer(id).messages).toEqual([{ from: "a", type: "genuine", data: 1 }]);
  }
});

test("a broadcast that was tampered with on the way is delivered nowhere behind", async () => {
  using net = await line();
  net.linkOf("b", "c").meddle = (kind, body) => {
    if (kind !== broadcast) return body;
    const fields = codec.decode(body) as unknown[];
    const statement = codec.decode(fields[6] as Uint8Array) as unknown[];
    statement[7] = codec.encode(["tampered"]);
    return codec.encode([...fields.slice(0, 6), codec.encode(statement)]);
  };
  net.peer("a").gossip.broadcast("m", "genuine");
  await net.clock.advance(50);
  expect(net.peer("b").messages).toHaveLength(1);
  expect(net.peer("c").messages).toEqual([]);

  net.linkOf("b", "c").meddle = undefined;
  await net.clock.advance(5_000);
  expect(net.peer("c").messages).toEqual([{ from: "a", type: "m", data: "genuine" }]);
});

test("a broadcast that comes again is not delivered again: not here, not to who joins, not after its origin has left", async () => {
  using net = await line();
  const caught = tap(net, "a", "b", broadcast);
  net.peer("a").gossip.broadcast("once", 1);
  await net.clock.advance(40_000);
  const [body] = caught as [Uint8Array];
  const replay = (id: string): void => {
    const { ends } = net.links.find((link) => link.ends.some((end) => end.id === id)) as never;
    const [one, other] = ends as [{ id: string }, { id: string }];
    const from = net.linkOf(one.id, other.id).neighbourOf(id);
    net.peer(id).gossip.receive(from, broadcast, body);
  };
  for (const id of ["a", "b", "c"]) replay(id);
  const late = net.add("late");
  net.link("late", "c");
  await net.clock.advance(1_000);
  expect(late.gossip.advertOf("a")).toBeDefined();
  replay("late");
  net.kill("a");
  await net.clock.advance(200_000);
  for (const id of ["b", "c", "late"]) replay(id);
  await net.clock.advance(10_000);

  expect(net.peer("b").messages).toHaveLength(1);
  expect(net.peer("c").messages).toHaveLength(1);
  expect(late.messages).toEqual([]);
});

test("a relay that holds a broadcast back cannot deliver it minutes later", async () => {
  using net = await line();
  const caught: Uint8Array[] = [];
  net.linkOf("b", "c").meddle = (kind, body) => {
    if (kind === broadcast) caught.push(body);
    return kind === advert || kind === GossipKind.digest ? body : undefined;
  };
  net.peer("a").gossip.broadcast("held back", 1);
  await net.clock.advance(155_000);
  const from = net.linkOf("b", "c").neighbourOf("c");
  net.peer("c").gossip.receive(from, broadcast, caught[0] as Uint8Array);

  expect(net.peer("c").messages).toEqual([]);
});

test("a broadcast of one who is not known yet is asked for again once it is", async () => {
  using net = await line();
  const identity = DeviceIdentity.generate();
  const b = net.peer("b");
  const from = net.linkOf("a", "b").neighbourOf("b");
  const body = craftBroadcast(identity, { origin: "x", seq: 1 });
  b.gossip.receive(from, broadcast, body);
  b.gossip.receive(from, advert, craftAdvert(identity, { origin: "x" }));
  const asked: unknown[] = [];
  net.linkOf("a", "b").meddle = (kind, frame) => {
    if (kind === GossipKind.graft) asked.push(codec.decode(frame));
    return frame;
  };
  await net.clock.advance(600);

  expect(b.messages).toEqual([]);
  expect(asked[0]).toEqual([[["x", 1, [1]]]]);
});

test("a relay that says a broadcast is nearly over does not keep it from those behind", async () => {
  using net = await line();
  net.linkOf("a", "b").meddle = (kind, body) => {
    if (kind !== broadcast) return body;
    const fields = codec.decode(body) as unknown[];
    return codec.encode([...fields.slice(0, 4), 0.01, ...fields.slice(5)]);
  };
  net.linkOf("b", "c").full = true;
  net.peer("a").gossip.broadcast("m", 1);
  await net.clock.advance(1_000);
  net.linkOf("b", "c").full = false;
  await net.clock.advance(3_000);

  expect(net.peer("c").messages).toHaveLength(1);
});

test("one origin that floods is taken in a part only, and others are not kept from being heard", async () => {
  using net = await line();
  const identity = DeviceIdentity.generate();
  const b = net.peer("b");
  const from = net.linkOf("a", "b").neighbourOf("b");
  b.gossip.receive(from, advert, craftAdvert(identity, { origin: "flood" }));
  for (let seq = 1; seq <= 600; seq++) {
    b.gossip.receive(from, broadcast, craftBroadcast(identity, { origin: "flood", seq }));
  }
  const ofFlood = b.messages.length;
  net.peer("a").gossip.broadcast("calm", 1);
  await net.clock.advance(50);

  expect(ofFlood).toBe(512);
  expect(b.messages.at(-1)).toMatchObject({ from: "a", type: "calm" });
});

test("what is for the origin's neighbours only is taken from the origin only", async () => {
  using net = await line();
  const c = net.peer("c");
  const from = net.linkOf("b", "c").neighbourOf("c");
  const { identity } = net.peer("a");
  const direct = craftBroadcast(identity, { origin: "a", seq: 1, scope: "neighbours" });
  c.gossip.receive(from, broadcast, direct);

  expect(c.messages).toEqual([]);
});

test("bytes of any kind are refused as malformed, and change nothing", async () => {
  using net = await line();
  const b = net.peer("b");
  const from = net.linkOf("a", "b").neighbourOf("b");
  const bodies = [new Uint8Array(), new Uint8Array([0xc1]), codec.encode(null), codec.encode([1])];
  for (const kind of Object.values(GossipKind)) {
    if (kind === GossipKind.prune) continue;
    for (const body of bodies) {
      expect(() => b.gossip.receive(from, kind, body)).toThrow(
        expect.objectContaining({ code: "PROTOCOL_ERROR" }),
      );
    }
  }
  expect(b.reachable).toEqual(["a", "c"]);
});
