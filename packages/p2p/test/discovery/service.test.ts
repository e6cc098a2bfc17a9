import { DeviceIdentity } from "@net/core/identity";
import { expect, test } from "vitest";
import type { ServiceInstance } from "../../src/discovery/mdns/link-browser.ts";
import { readRecord, signRecord, unsignedRecord } from "../../src/discovery/record/peer-record.ts";
import { unpackTexts } from "../../src/discovery/record/texts.ts";
import {
  claimsOf,
  hostAddresses,
  namesOf,
  recordsOf,
  SERVICE,
  signedRecordOf,
} from "../../src/discovery/service.ts";
import { fakeInterface } from "../support/mdns.ts";

const peer = { networkId: "home", peerId: "gpu-box", peerName: "The box" };
const claims = { ...peer, addresses: ["ws://10.0.0.1:8080"] };
const names = { instance: "The box", host: "net-1" };

function instance(texts: readonly Uint8Array[]): ServiceInstance {
  const addresses = ["10.0.0.7", "fd00::7", "fe80::7"];
  return { name: `x.${SERVICE}`, host: "x.local", port: 81, addresses, texts };
}

test("the records are those of DNS-based service discovery", () => {
  const record = unsignedRecord(claims);
  const [ptr, type, srv, txt, a, aaaa] = recordsOf(record, 8080, names, ["10.0.0.1", "FD00:0::1"]);

  expect(ptr).toMatchObject({ type: "PTR", name: SERVICE, data: srv?.name, flush: false });
  expect(type).toMatchObject({ name: "_services._dns-sd._udp.local", data: SERVICE });
  expect(srv).toMatchObject({ type: "SRV", data: { target: "net-1.local", port: 8080 } });
  expect(txt).toMatchObject({ type: "TXT", name: `The box.${SERVICE}`, flush: true });
  expect(a).toMatchObject({ type: "A", name: "net-1.local", data: "10.0.0.1", ttlSeconds: 120 });
  expect(aaaa).toMatchObject({ type: "AAAA", name: "net-1.local", data: "fd00::1" });
});

test("an instance has the name of its peer, without the dots that would part it, and at most 63 bytes", () => {
  expect(namesOf({ ...peer, peerName: "a.b" }).instance).toBe("a-b");
  const long = namesOf({ ...peer, peerName: "\u{1f44b}".repeat(64) }).instance;
  expect(long).toBe("\u{1f44b}".repeat(15));
});

test("two peers, and one id in two networks, have different hosts", () => {
  const changes = [{}, { peerId: "b" }, { networkId: "b" }];
  const hosts = changes.map((change) => namesOf({ ...peer, ...change }).host);

  expect(new Set(hosts).size).toBe(3);
});

test("a signed record comes out of the texts as it went in", () => {
  const validity = { issuedAtMs: 1, expiresAtMs: 2 };
  const record = signRecord(claims, validity, DeviceIdentity.generate());
  const bytes = signedRecordOf(instance(unpackTexts(record.bytes) ?? []));

  expect(readRecord(bytes ?? new Uint8Array())).toMatchObject(claims);
});

test("what nobody has signed is what the texts say", () => {
  const texts = unpackTexts(unsignedRecord(claims)) ?? [];

  expect(signedRecordOf(instance(texts))).toBeUndefined();
  expect(claimsOf(instance(texts))).toEqual(claims);
});

test("where no address is named, those of the host count, but for link-local ones", () => {
  const texts = ["txtvers=1", "net=home", "id=a"].map((text) => Buffer.from(text));

  expect(claimsOf(instance(texts))).toEqual({
    ...{ networkId: "home", peerId: "a", peerName: "a" },
    addresses: ["ws://10.0.0.7:81", "ws://[fd00::7]:81"],
  });
});

test.each([
  ["no text at all", []],
  ["texts without keys", ["=x", "x", ""]],
  ["another version", ["txtvers=2", "net=home", "id=a", "a0=ws://10.0.0.1:1"]],
  ["an id with a line break", ["txtvers=1", "net=home", "id=a\nb", "a0=ws://10.0.0.1:1"]],
  ["an address without a port", ["txtvers=1", "net=home", "id=a", "a0=memory:a"]],
  [
    "an address that is too long",
    ["txtvers=1", "net=home", "id=a", `a0=ws://${"x".repeat(240)}:1`],
  ],
])("an instance with %s is none of ours", (_, texts) => {
  expect(claimsOf(instance(texts.map((text) => Buffer.from(text))))).toBeUndefined();
});

test("a host has the addresses at which its peer listens, or all that the interface has", () => {
  const both = fakeInterface("10.0.0.1", { addresses: ["10.0.0.1", "10.0.0.2", "fd00::1"] });

  expect(hostAddresses(both, ["ws://10.0.0.2:8080"])).toEqual(["10.0.0.2"]);
  expect(hostAddresses(both, ["ws://[fd00::1]:8080"])).toEqual(["fd00::1"]);
  expect(hostAddresses(both, ["ws://box.example:8080"])).toEqual(both.addresses);
});
