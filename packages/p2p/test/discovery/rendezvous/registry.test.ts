import { PermissionError, ValidationError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { readRecord, signRecord } from "../../../src/discovery/record/peer-record.ts";
import { RendezvousRegistry } from "../../../src/discovery/rendezvous/registry.ts";

const clock = new FakeClock();
const box = DeviceIdentity.generate();

interface RecordOptions {
  readonly identity?: DeviceIdentity;
  readonly peerId?: string;
  readonly networkId?: string;
  readonly at?: readonly string[];
  readonly issuedAtMs?: number;
  readonly lifetime?: number;
}

function record(options: RecordOptions = {}): Uint8Array {
  const { identity = box, peerId = "box", networkId = "net", lifetime = 60_000 } = options;
  const { at: addresses = ["ws://10.0.0.1:8080"], issuedAtMs = clock.nowMs() } = options;
  const validity = { issuedAtMs, expiresAtMs: issuedAtMs + lifetime };
  return signRecord({ networkId, peerId, peerName: peerId, addresses }, validity, identity).bytes;
}

function peersOf(registry: RendezvousRegistry, networkId = "net"): string[] {
  return registry.lookup(networkId).map((bytes) => readRecord(bytes).peerId);
}

test("what was left is handed out to those of its network, the latest first", () => {
  const registry = new RendezvousRegistry({ clock });
  registry.publish(record({ peerId: "a" }));
  registry.publish(record({ peerId: "b", identity: DeviceIdentity.generate() }));
  registry.publish(record({ peerId: "c", networkId: "other" }));

  expect(peersOf(registry)).toEqual(["b", "a"]);
  expect(peersOf(registry, "other")).toEqual(["c"]);
  expect(peersOf(registry, "none")).toEqual([]);
});

test("records run out", async () => {
  const own = new FakeClock();
  const registry = new RendezvousRegistry({ clock: own });
  registry.publish(record({ issuedAtMs: own.nowMs() }));
  await own.advance(59_999);
  expect(registry.size).toBe(1);
  await own.advance(1);
  expect([registry.size, peersOf(registry)]).toEqual([0, []]);
});

test("the latest record of a peer counts, and an earlier one is refused", () => {
  const registry = new RendezvousRegistry({ clock });
  const nowMs = clock.nowMs();
  registry.publish(record({ issuedAtMs: nowMs }));
  registry.publish(record({ issuedAtMs: nowMs }));
  registry.publish(record({ issuedAtMs: nowMs + 1, at: ["ws://10.0.0.2:8080"] }));

  expect(() => registry.publish(record({ issuedAtMs: nowMs }))).toThrow(
    expect.objectContaining({ code: "CONFLICT" }),
  );
  const [bytes = new Uint8Array()] = registry.lookup("net");
  expect(readRecord(bytes).addresses).toEqual(["ws://10.0.0.2:8080"]);
});

test("a record without addresses takes the peer back, and what was there before cannot be played back", () => {
  const registry = new RendezvousRegistry({ clock });
  const before = record({ issuedAtMs: clock.nowMs() });
  registry.publish(before);
  registry.publish(record({ issuedAtMs: clock.nowMs() + 1, at: [] }));

  expect(peersOf(registry)).toEqual([]);
  expect(() => registry.publish(before)).toThrow(expect.objectContaining({ code: "CONFLICT" }));
});

test.each([
  ["is none", () => Buffer.from("hello"), "INVALID_ARGUMENT"],
  ["was forged", () => record().map((b, i) => (i === 30 ? b ^ 1 : b)), "AUTHENTICATION_FAILED"],
  ["has run out", () => record({ issuedAtMs: clock.nowMs() - 60_000 }), "AUTHENTICATION_FAILED"],
  ["is good for a year", () => record({ lifetime: 365 * 86_400_000 }), "AUTHENTICATION_FAILED"],
])("a record that %s is refused", (_, make, code) => {
  const registry = new RendezvousRegistry({ clock });

  expect(() => registry.publish(make())).toThrow(expect.objectContaining({ code }));
  expect(registry.size).toBe(0);
});

test.each([undefined, Promise.resolve(true), "yes", 1])(
  "an admit that answers %o admits nobody",
  (answer) => {
    const registry = new RendezvousRegistry({ clock, admit: () => answer as never });

    expect(() => registry.publish(record())).toThrow(PermissionError);
    expect(registry.size).toBe(0);
  },
);

test("a registry is not made of what it does not know", () => {
  for (const options of [{ admit: "x" }, { maxRecord: 5 }, { clock: {} }, null]) {
    expect(() => new RendezvousRegistry(options as object)).toThrow(ValidationError);
  }
});

test("only those that are admitted leave records", () => {
  const registry = new RendezvousRegistry({ clock, admit: ({ peerId }) => peerId === "a" });
  registry.publish(record({ peerId: "a" }));

  expect(() => registry.publish(record({ peerId: "b" }))).toThrow(
    expect.objectContaining({ code: "PERMISSION_DENIED" }),
  );
});

test("a device has a few peers at most, and the registry a number of records", () => {
  const registry = new RendezvousRegistry({ clock, maxRecords: 3, maxPerDevice: 2 });
  registry.publish(record({ peerId: "a" }));
  registry.publish(record({ peerId: "b", networkId: "other" }));
  expect(() => registry.publish(record({ peerId: "c" }))).toThrow("2 records here already");

  const more = (peerId: string): void =>
    registry.publish(record({ peerId, identity: DeviceIdentity.generate() }));
  more("d");
  expect(() => more("e")).toThrow(expect.objectContaining({ code: "OVERLOADED" }));
  registry.publish(record({ peerId: "a" }));
});

test("a device that hammers is slowed down, and told for how long", () => {
  const registry = new RendezvousRegistry({ clock });
  for (let i = 0; i < 10; i++) registry.publish(record());

  expect(() => registry.publish(record())).toThrow(
    expect.objectContaining({ code: "RATE_LIMITED", details: { retryAfterMs: 5_000 } }),
  );
});

test("limits that are none are refused", () => {
  expect(() => new RendezvousRegistry({ maxRecords: 0 })).toThrow("maxRecords");
  expect(() => new RendezvousRegistry({ maxPerDevice: 1.5 })).toThrow("maxPerDevice");
});
