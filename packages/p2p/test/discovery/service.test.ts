import { expect, test } from "vitest";
import type { DnsPacket } from "../../src/discovery/mdns-socket.ts";
import { isQueryForPeers, recordsOf, SERVICE, sightings } from "../../src/discovery/service.ts";

const peer = {
  ...{ networkId: "home", peerId: "gpu-box", peerName: "The box" },
  address: "ws://127.0.0.1:8080",
};

/** A packet as it would come out of the library at the other end. */
function received(records = recordsOf(peer)): DnsPacket {
  const heard = records.map((record) => ({
    ...record,
    data: record.type === "TXT" ? record.data.map((text) => Buffer.from(text)) : record.data,
  }));
  return { type: "response", questions: [], records: heard };
}

test("what is announced is what is sighted", () => {
  expect(sightings(received(), "home")).toEqual([{ peer, gone: false }]);
});

test("records without a lifetime are a goodbye", () => {
  expect(sightings(received(recordsOf(peer, 0)), "home")).toMatchObject([{ gone: true }]);
});

test("peers of another network are not seen", () => {
  expect(sightings(received(), "another")).toEqual([]);
});

test("the records are those of DNS-based service discovery", () => {
  const [ptr, srv, txt, a] = recordsOf(peer);

  expect(ptr).toMatchObject({ type: "PTR", name: SERVICE, data: srv?.name });
  expect(srv).toMatchObject({ type: "SRV", data: { target: a?.name, port: 8080 } });
  expect(txt).toMatchObject({ type: "TXT", name: srv?.name });
  expect(a).toMatchObject({ type: "A", data: "127.0.0.1" });
});

test("two peers, and one id in two networks, have different names", () => {
  const nameOf = (changes: object): string => recordsOf({ ...peer, ...changes })[1]?.name ?? "";
  const names = [{}, { peerId: "b" }, { networkId: "b" }].map(nameOf);

  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name.split(".")[0]?.length).toBeLessThanOrEqual(63);
});

test.each([
  ["an address without a port", { address: "memory:a" }],
  ["a name that fits no record", { peerName: "\u{1f44b}".repeat(64) }],
])("a peer with %s cannot be announced", (_, changes) => {
  expect(() => recordsOf({ ...peer, ...changes })).toThrow("announced");
});

test.each([
  ["no text at all", undefined],
  ["a text that is no list", 7],
  ["texts without keys", [Buffer.from("=x"), Buffer.from("x"), 1, null]],
  ["an id with a line break", texts({ peerId: "a\nb" })],
  ["an address without a port", texts({ address: "memory:a" })],
  ["an address that is too long", texts({ address: `ws://${"x".repeat(240)}:1` })],
])("a record with %s is left out", (_, data) => {
  const record = { name: `x.${SERVICE}`, type: "TXT", ttl: 1, data };

  expect(sightings({ type: "response", questions: [], records: [record] }, "home")).toEqual([]);
});

function texts(changes: object): Buffer[] {
  return Object.entries({ ...peer, ...changes }).map(([key, value]) =>
    Buffer.from(`${key}=${value}`),
  );
}

test("only queries for peers are answered", () => {
  const query = (name: string, type: string): DnsPacket => ({
    ...{ type: "query", questions: [{ name, type }], records: [] },
  });

  expect(isQueryForPeers(query("_NET._tcp.local", "PTR"))).toBe(true);
  expect(isQueryForPeers(query(SERVICE, "ANY"))).toBe(true);
  expect(isQueryForPeers(query(SERVICE, "A"))).toBe(false);
  expect(isQueryForPeers(query("_ipp._tcp.local", "PTR"))).toBe(false);
  expect(isQueryForPeers({ ...query(SERVICE, "PTR"), type: "response" })).toBe(false);
});
