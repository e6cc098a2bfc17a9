import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { KeyBook, type KeyBookOptions } from "../../../src/gossip/adverts/key-book.ts";

const refused = expect.objectContaining({ code: "AUTHENTICATION_FAILED" });

function book(options: Partial<KeyBookOptions> = {}): KeyBook {
  const ownKey = DeviceIdentity.generate().publicKey;
  return new KeyBook({
    self: "self",
    networkId: "net",
    ownKey,
    clock: new FakeClock(),
    ...options,
  });
}

function claim(origin: string, { publicKey: key }: DeviceIdentity, certificate?: string) {
  return { origin, key, certificate };
}

test("a name belongs to the first key that signed under it", () => {
  const keys = book();
  const [one, two] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  keys.check(claim("a", two));
  keys.check(claim("a", one));
  keys.bind(keys.check(claim("a", one)));

  expect(keys.keyOf("a")).toEqual(one.publicKey);
  expect(() => keys.check(claim("a", two))).toThrow(refused);
});

test("fifteen minutes after its last use a name is free again", async () => {
  const clock = new FakeClock();
  const keys = book({ clock });
  const [one, two] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  keys.bind(keys.check(claim("a", one)));
  await clock.advance(14 * 60_000);
  keys.bind(keys.check(claim("a", one)));
  await clock.advance(14 * 60_000);
  keys.expire();
  expect(() => keys.check(claim("a", two))).toThrow(refused);
  await clock.advance(60_001);
  keys.expire();

  expect(keys.check(claim("a", two)).key).toEqual(two.publicKey);
  expect(keys.size).toBe(0);
});

test("the same key is always the same object: it is read once", () => {
  const keys = book();
  const one = DeviceIdentity.generate();
  keys.bind(keys.check(claim("a", one)));
  const copy = { ...claim("a", one), key: new Uint8Array(one.publicKey) };

  expect(keys.check(copy).key).toBe(one.publicKey);
});

test("a key that was proven in a handshake outranks the first that was seen", () => {
  const [proven, other] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  let shaken = false;
  const keyOf = (peerId: string) => (shaken && peerId === "a" ? proven.publicKey : undefined);
  const keys = book({ keyOf });
  keys.bind(keys.check(claim("a", other)));
  shaken = true;

  expect(() => keys.check(claim("a", other))).toThrow(refused);
  expect(keys.check(claim("a", proven)).key).toBe(proven.publicKey);
});

test("a certificate of the owner outranks both; a device of the owner must show one", () => {
  const owner = OwnerIdentity.generate();
  const trust = new OwnerTrust(owner.publicKey);
  const [device, other] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  const certificate = owner.certify({ device: device.publicKey, name: "a" }).text;
  const keys = book({ trust, keyOf: () => other.publicKey });
  keys.bind(keys.check(claim("a", other)));

  expect(keys.check(claim("a", device, certificate)).key).toBe(device.publicKey);
  keys.bind(keys.check(claim("a", device, certificate)));
  expect(() => keys.check(claim("a", other))).toThrow(refused);
  expect(() => keys.check(claim("b", device, certificate))).toThrow(refused);
  expect(() => keys.check(claim("a", other, certificate))).toThrow(refused);
  expect(() => book({ trust }).check(claim("a", other))).toThrow(refused);
});

test("a key that the owner has revoked counts no more, at once", () => {
  const owner = OwnerIdentity.generate();
  const trust = new OwnerTrust(owner.publicKey);
  const device = DeviceIdentity.generate();
  const certificate = owner.certify({ device: device.publicKey, name: "a" }).text;
  const keys = book({ trust });
  keys.check(claim("a", device, certificate));
  keys.bind(keys.check(claim("a", device, certificate)));
  expect(keys.keyOf("a")).toBe(device.publicKey);
  trust.learn(owner.revoke(device.publicKey));

  expect(keys.keyOf("a")).toBeUndefined();
  expect(() => keys.check(claim("a", device, certificate))).toThrow(refused);
});

test("a certificate that runs out is noticed within half a minute", async () => {
  const clock = new FakeClock();
  const owner = OwnerIdentity.generate(clock);
  const trust = new OwnerTrust(owner.publicKey, { clock });
  const device = DeviceIdentity.generate();
  const hour = 3_600_000;
  const asked = { device: device.publicKey, name: "a", validity: hour };
  const certificate = owner.certify(asked).text;
  const keys = book({ trust, clock });
  keys.check(claim("a", device, certificate));
  for (let i = 0; i < hour / 25_000; i++) {
    keys.bind(keys.check(claim("a", device, certificate)));
    await clock.advance(25_000);
  }
  await clock.advance(30_000);

  expect(() => keys.check(claim("a", device, certificate))).toThrow(refused);
});

test("this peer's own name belongs to its own key", () => {
  const own = DeviceIdentity.generate();
  const keys = book({ ownKey: own.publicKey });

  expect(keys.keyOf("self")).toBe(own.publicKey);
  expect(() => keys.check(claim("self", DeviceIdentity.generate()))).toThrow(refused);
});

test("what another owner has certified must be right where he is known, but binds no name", () => {
  const [mine, theirs] = [OwnerIdentity.generate(), OwnerIdentity.generate()];
  const trust = new OwnerTrust(mine.publicKey);
  const [guest, other] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  const certificate = theirs.certify({ device: guest.publicKey, name: "a" }).text;
  const keys = book({ trust });
  expect(keys.check(claim("b", guest, certificate)).isOwned).toBe(false);
  trust.learn(mine.grant({ to: theirs.publicKey, tools: ["*"], networkId: "net" }).text);

  expect(() => keys.check(claim("b", guest, certificate))).toThrow(refused);
  keys.bind(keys.check(claim("a", other)));
  expect(() => keys.check(claim("a", guest, certificate))).toThrow(refused);
});
