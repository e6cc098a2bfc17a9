import { silentLogger } from "@net/core";
import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { NodeFeed, type NodeFeedOptions } from "../../../src/discovery/nodes/node-feed.ts";
import { signRecord, unsignedRecord } from "../../../src/discovery/record/peer-record.ts";

const clock = new FakeClock();
const nowMs = clock.nowMs();
const box = DeviceIdentity.generate();

function feed(options: Partial<NodeFeedOptions> = {}): NodeFeed {
  const defaults = { networkId: "net", trust: undefined, self: undefined };
  return new NodeFeed({ ...defaults, clock, logger: silentLogger, ...options });
}

interface RecordOptions {
  readonly identity?: DeviceIdentity;
  readonly peerId?: string;
  readonly networkId?: string;
  readonly at?: readonly string[];
  readonly ageMs?: number;
}

function record(options: RecordOptions = {}): Uint8Array {
  const { identity = box, peerId = "box", networkId = "net", ageMs = 1_000 } = options;
  const { at: addresses = ["ws://10.0.0.1:8080"] } = options;
  const validity = { issuedAtMs: nowMs - ageMs, expiresAtMs: nowMs - ageMs + 60_000 };
  return signRecord({ networkId, peerId, peerName: peerId, addresses }, validity, identity).bytes;
}

/** What is news now. */
async function news(nodes: NodeFeed): Promise<string[]> {
  nodes.end();
  const all: string[] = [];
  for (let node = await nodes.take(undefined); node; node = await nodes.take(undefined)) {
    all.push(`${node.peerId} ${node.addresses.join(" ")}`);
  }
  return all;
}

test("a device that is found in three ways is one node, with all its addresses and ways", () => {
  const nodes = feed();
  nodes.addRecord("mdns", record());
  nodes.addRecord("broadcast", record());
  const identified = { publicKey: box.publicKey, peerId: "box" };
  const address = "ws://10.0.0.9:8080";
  nodes.add({ kind: "identified", source: "range", via: address, address, identified });

  expect(nodes.nodes).toEqual([
    {
      ...{ address: "ws://10.0.0.1:8080", host: "10.0.0.1", port: 8080 },
      ...{ addresses: ["ws://10.0.0.1:8080", address], source: "mdns" },
      ...{ sources: ["mdns", "broadcast", "range"], verified: true },
      ...{ publicKey: box.publicKey, peerId: "box", name: "box" },
    },
  ]);
});

test("a node is news when it is new or has another address, not when it is found in another way", async () => {
  const nodes = feed();
  nodes.addRecord("mdns", record());
  expect(await nodes.take(undefined)).toMatchObject({ peerId: "box" });
  nodes.addRecord("broadcast", record());
  nodes.addRecord("mdns", record({ at: ["ws://10.0.0.2:8080"], ageMs: 500 }));

  expect(await news(nodes)).toEqual(["box ws://10.0.0.2:8080"]);
});

test("an old record that is played back changes nothing", async () => {
  const nodes = feed();
  const old = record({ at: ["ws://10.0.0.6:8080"], ageMs: 2_000 });
  nodes.addRecord("mdns", record());
  nodes.addRecord("broadcast", old);

  expect(nodes.nodes).toMatchObject([{ addresses: ["ws://10.0.0.1:8080"], sources: ["mdns"] }]);
  const key = nodes.addRecord("rendezvous", record()) ?? "";
  nodes.remove("rendezvous", key);
  nodes.remove("mdns", key);
  expect(nodes.nodes).toEqual([]);
  nodes.addRecord("broadcast", old);
  expect(nodes.nodes).toEqual([]);
});

test("a later record replaces what came other ways before", () => {
  const nodes = feed();
  nodes.addRecord("mdns", record());
  nodes.addRecord("broadcast", record({ at: ["ws://10.0.0.2:8080"], ageMs: 0 }));

  expect(nodes.nodes).toMatchObject([
    { addresses: ["ws://10.0.0.2:8080"], sources: ["mdns", "broadcast"] },
  ]);
});

test("a record without addresses takes the node back, however it was found", async () => {
  const nodes = feed();
  nodes.addRecord("mdns", record());
  nodes.addRecord("rendezvous", record({ at: [], ageMs: 0 }));

  expect(nodes.nodes).toEqual([]);
  expect(await news(nodes)).toEqual([]);
});

test.each([
  ["that was forged", record().map((byte, i) => (i === 30 ? byte ^ 1 : byte))],
  ["that has run out", record({ ageMs: 60_000 })],
  ["of another network", record({ networkId: "other" })],
  ["that is none", Buffer.from("hello")],
  [
    "that nobody signed",
    unsignedRecord({ networkId: "net", peerId: "a", peerName: "a", addresses: [] }),
  ],
])("a record %s is dropped", async (_, bytes) => {
  const nodes = feed();
  nodes.addRecord("broadcast", bytes);

  expect(await news(nodes)).toEqual([]);
});

test("two devices that claim one id are two nodes", () => {
  const nodes = feed();
  nodes.addRecord("mdns", record());
  nodes.addRecord("mdns", record({ identity: DeviceIdentity.generate() }));

  expect(nodes.nodes.map(({ peerId }) => peerId)).toEqual(["box", "box"]);
});

test("an address that was given is one node, and another once it is known who is there", async () => {
  const nodes = feed();
  const address = "ws://10.0.0.1:8080";
  nodes.add({ kind: "address", source: "manual", via: address, address });
  expect(await nodes.take(undefined)).toMatchObject({ address, verified: false });
  const identified = { publicKey: box.publicKey, peerId: "box" };
  nodes.add({ kind: "identified", source: "manual", via: address, address, identified });

  expect(await nodes.take(undefined)).toMatchObject({ address, verified: true, peerId: "box" });
  expect(nodes.nodes.length).toBe(1);
});

test.each([
  ["ws://10.0.0.1:8080/", "ws://10.0.0.1:8080"],
  ["ws://10.0.0.1:8080", "WS://10.0.0.1:8080/"],
  ["ws://box.example:80", "ws://BOX.example/"],
  ["wss://[fe80::1]:9/x?y", "wss://[FE80::1]:9/x?y"],
])(
  "%s and %s are one address, and a device that is seen at both is one node",
  async (one, other) => {
    const nodes = feed();
    nodes.add({ kind: "address", source: "range", via: other, address: other });
    nodes.addRecord("mdns", record({ at: [one] }));
    const identified = { publicKey: box.publicKey, peerId: "box" };
    nodes.add({ kind: "identified", source: "range", via: "asked", address: other, identified });

    expect(nodes.nodes).toMatchObject([
      { address: one, addresses: [one], sources: ["mdns", "range"], verified: true, peerId: "box" },
    ]);
    expect(await news(nodes)).toEqual([`box ${one}`]);
  },
);

test("addresses that differ in their path are two, and so are two ports", () => {
  const nodes = feed();
  for (const address of ["ws://10.0.0.1:1/a", "ws://10.0.0.1:1/b", "ws://10.0.0.1:2"]) {
    nodes.add({ kind: "address", source: "manual", via: address, address });
  }

  expect(nodes.nodes.length).toBe(3);
});

test("an address that a device has is no node beside it, whichever is found first", async () => {
  const nodes = feed();
  const address = "ws://10.0.0.1:8080";
  const key = nodes.addRecord("mdns", record()) ?? "";
  nodes.add({ kind: "address", source: "range", via: address, address });

  expect(nodes.nodes).toMatchObject([{ peerId: "box", sources: ["mdns", "range"] }]);
  nodes.remove("mdns", key);
  expect(nodes.nodes).toMatchObject([{ address, sources: ["range"], verified: false }]);
  expect(await news(nodes)).toEqual([]);
});

test("an address that was given by hand is the first of the device that has it", () => {
  const nodes = feed();
  const address = "ws://10.0.0.2:8080";
  nodes.addRecord("mdns", record({ at: ["ws://10.0.0.1:8080", address] }));
  nodes.add({ kind: "address", source: "manual", via: address, address });

  expect(nodes.nodes).toMatchObject([{ address, addresses: [address, "ws://10.0.0.1:8080"] }]);
});

test("an address is not folded into a node that has only said who it is", () => {
  const nodes = feed();
  const address = "ws://10.0.0.1:8080";
  const claims = { networkId: "net", peerId: "x", peerName: "x", addresses: [address] };
  nodes.add({ kind: "unsigned", source: "mdns", via: "x", claims });
  nodes.add({ kind: "address", source: "manual", via: address, address });

  expect(nodes.nodes.map(({ peerId }) => peerId)).toEqual(["x", undefined]);
});

test("one's own device is not found", async () => {
  const nodes = feed({ self: box.publicKey });
  nodes.addRecord("mdns", record());

  expect(await news(nodes)).toEqual([]);
});

test("with a list of keys only those devices are found", async () => {
  const nodes = feed({ trust: { keys: [box.publicKey] } });
  nodes.addRecord("mdns", record());
  nodes.addRecord("mdns", record({ identity: DeviceIdentity.generate(), peerId: "other" }));

  expect(await news(nodes)).toEqual(["box ws://10.0.0.1:8080"]);
});

test("an owner's revoked devices are not found, nor those that take another's name; unknown ones are", async () => {
  const owner = OwnerIdentity.generate();
  const trust = new OwnerTrust(owner.publicKey, { clock });
  const [stolen, thief, stranger] = Array.from({ length: 3 }, () => DeviceIdentity.generate());
  if (!stolen || !thief || !stranger) throw new Error("there are three");
  trust.learn(owner.certify({ device: box.publicKey, name: "box" }).text);
  trust.learn(owner.revoke(stolen.publicKey));
  const nodes = feed({ trust: { owner: trust } });
  nodes.addRecord("mdns", record());
  nodes.addRecord("mdns", record({ identity: stolen, peerId: "phone" }));
  nodes.addRecord("mdns", record({ identity: thief, peerId: "box" }));
  nodes.addRecord("mdns", record({ identity: stranger, peerId: "new" }));

  expect(await news(nodes)).toEqual(["box ws://10.0.0.1:8080", "new ws://10.0.0.1:8080"]);
});

test("a flood of nodes is bounded", () => {
  const nodes = feed();
  for (let i = 0; i < 1_100; i++) {
    const address = `ws://10.0.0.1:${i + 1}`;
    nodes.add({ kind: "address", source: "range", via: address, address });
  }

  expect(nodes.nodes.length).toBe(1_024);
});
