import { silentLogger } from "@net/core";
import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Admission, type Binding } from "../../src/admission/admission.ts";
import type { KnownPeers } from "../../src/admission/known-peers.ts";
import { KnownPeersInMemory } from "../../src/admission/known-peers.ts";
import { TokenIssuer } from "../../src/admission/token.ts";
import { readAdmission } from "../../src/options/admission.ts";

const clock = new FakeClock();
const boss = DeviceIdentity.generate();
const [old, young] = [DeviceIdentity.generate().publicKey, DeviceIdentity.generate().publicKey];
const binding: Binding = { channel: "c", role: "dialler", peer: "host" };
const never = new Promise<void>(() => {});

function host(knownPeers?: KnownPeers): Admission {
  const admission = readAdmission(
    { issuers: [boss.publicKey], ...(knownPeers && { knownPeers }) },
    false,
  );
  return new Admission({ clock, admission, logger: silentLogger });
}

async function enter(
  admission: Admission,
  device: Uint8Array,
  {
    until = never as Promise<unknown>,
    keepsIdentity = true,
    replaces = undefined as Uint8Array | undefined,
  } = {},
): Promise<void> {
  const issuer = new TokenIssuer({ identity: boss, networkId: "net", peerId: "boss", clock });
  const token = await issuer.issue({ sub: "laptop", device, ...(replaces && { replaces }) });
  const standing = await admission.checkDialler("laptop", { token, device }, binding);
  admission.hold("laptop", { device, standing, keepsIdentity }, until);
}

test("no two devices have one id at the same time; when the link ends, it is free", async () => {
  const admission = host();
  const link = Promise.withResolvers<void>();
  await enter(admission, old, { until: link.promise, keepsIdentity: false });
  await expect(enter(admission, young)).rejects.toThrow("no two devices have one id");
  await enter(admission, old, { until: Promise.resolve(), keepsIdentity: false });
  await settle();
  await expect(enter(admission, young)).rejects.toThrow("no two devices have one id");
  link.resolve();
  await settle();

  await enter(admission, young);
});

test("of two devices that come at the same moment, one gets the id", async () => {
  const admission = host();
  const both = await Promise.allSettled([enter(admission, old), enter(admission, young)]);

  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("an id that a device has kept its key for stays that device's after it has gone", async () => {
  const known = new Map<string, Uint8Array>();
  await enter(host(known), old, { until: Promise.resolve() });

  await expect(enter(host(known), young)).rejects.toThrow("known here under another key");
  await enter(host(known), old);
});

test("a successor that the issuer names takes the id, and the old key is out", async () => {
  const known = new Map<string, Uint8Array>();
  await enter(host(known), old, { until: Promise.resolve() });
  await enter(host(known), young, { replaces: old });

  expect(known.get("laptop")).toEqual(young);
  await expect(enter(host(known), old)).rejects.toThrow("known here under another key");
  const stranger = DeviceIdentity.generate().publicKey;
  await expect(enter(host(known), stranger, { replaces: old })).rejects.toThrow("another key");
});

test("a token that was made with a common secret names no successor: everybody could", async () => {
  const shared = (peerId: string): TokenIssuer =>
    new TokenIssuer({
      secret: "a secret of the test, 32 bytes long",
      networkId: "net",
      peerId,
      clock,
    });
  const known = new Map([["laptop", old]]);
  const admission = new Admission({
    ...{ clock, issuer: shared("host"), admission: readAdmission({ knownPeers: known }, false) },
  });
  const token = await shared("mallory").issue({ sub: "laptop", device: young, replaces: old });

  await expect(admission.checkDialler("laptop", { token, device: young }, binding)).rejects.toThrow(
    "another key",
  );
});

test("nobody is let in under the name of one of the owner's devices", async () => {
  const owner = OwnerIdentity.generate(clock);
  const trust = new OwnerTrust(owner.publicKey, { clock });
  trust.learn(owner.certify({ device: old, name: "laptop" }).text);
  const admission = new Admission({ clock, owner: { trust, certificate: "" } });
  const issuer = new TokenIssuer({ identity: owner, networkId: "net", peerId: "owner", clock });
  const token = await issuer.issue({ sub: "laptop", device: young });

  await expect(admission.checkDialler("laptop", { token, device: young }, binding)).rejects.toThrow(
    "the name of a device of this peer's owner",
  );
});

test("a memory that fails keeps nobody out, and is told of", async () => {
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (fields: unknown) => void warnings.push(fields) };
  const knownPeers = {
    get: async () => undefined,
    set: async () => {
      throw new Error("disk full");
    },
  };
  const admission = new Admission({
    ...{
      clock,
      logger,
      admission: readAdmission({ issuers: [boss.publicKey], knownPeers }, false),
    },
  });
  await enter(admission, old);
  await settle();

  expect(warnings).toMatchObject([{ peerId: "laptop" }]);
});

test("in memory, of too many the one met longest ago is forgotten", () => {
  const known = new KnownPeersInMemory();
  for (let count = 0; count < 10_000; count++) known.set(`peer ${count}`, old);
  known.set("peer 0", young);
  known.set("one more", old);

  expect(known.get("peer 0")).toEqual(young);
  expect(known.get("peer 1")).toBeUndefined();
  expect(known.get("one more")).toEqual(old);
});
