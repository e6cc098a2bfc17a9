import { memoryTransport } from "@net/core";
import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { FakeClock, settle } from "@net/core/testing";
import { type OfferPairingOptions, offerPairing, pairDevice } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

function home(clock = new FakeClock()) {
  const owner = OwnerIdentity.generate(clock);
  const trust = new OwnerTrust(owner.publicKey, { clock });
  const transport = memoryTransport({ clock });
  const offer = (changes: Partial<OfferPairingOptions> = {}) =>
    offerPairing({ owner, trust, transport, clock, listenAddress: "memory:desk", ...changes });
  const device = (name: string, identity = DeviceIdentity.generate()) => ({
    ...{ name, identity, transport, clock },
  });
  return { clock, owner, trust, offer, device };
}

test("a new device that knows the code becomes one of the owner's, and knows the others", async () => {
  const { owner, trust, offer, device } = home();
  const gone = DeviceIdentity.generate().publicKey;
  trust.learn(owner.revoke(gone));
  await using open = await offer();
  const phone = device("phone");
  const paired = await pairDevice(open.invitation, phone);

  expect(paired.name).toBe("phone");
  expect(paired.trust.owner).toEqual(owner.publicKey);
  expect(paired.trust.isRevoked(gone)).toBe(true);
  expect((await open.paired).device).toEqual(phone.identity.publicKey);
  expect(trust.devices.map(({ name }) => name)).toEqual(["phone"]);
});

test("what pairing gives lets the device into the owner's network", async () => {
  await using net = new TestNetwork();
  const { owner, trust, offer, device } = home(net.clock);
  const desk = DeviceIdentity.generate();
  const certificate = owner.certify({ device: desk.publicKey, name: "desk" }).text;
  const atDesk = await net.peer("desk", { identity: desk, owner: { trust, certificate } });
  await using open = await offer();
  const phone = device("phone");
  const { name, ...mine } = await pairDevice(open.invitation, phone);
  const atPhone = await net.peer(name, { identity: phone.identity, owner: mine });
  await atPhone.connect("memory:desk");

  expect(atDesk.getConnectedPeers()).toMatchObject([{ peerId: "phone" }]);
});

test("the code may be typed as people type", async () => {
  const { offer, device } = home();
  await using open = await offer();
  const typed = open.code
    .toLowerCase()
    .replaceAll("-", " ")
    .replaceAll("0", "o")
    .replaceAll("1", "l");

  expect(open.code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect((await pairDevice({ address: open.address, code: typed }, device("phone"))).name).toBe(
    "phone",
  );
});

test("the owner's side has the last word on the name", async () => {
  const { offer, device } = home();
  await using open = await offer({ name: (asked) => `${asked}-2` });

  expect((await pairDevice(open.invitation, device("phone"))).name).toBe("phone-2");
});

test("a code works once", async () => {
  const { offer, device } = home();
  await using open = await offer();
  const [first, second] = await Promise.allSettled([
    pairDevice(open.invitation, device("phone")),
    pairDevice(open.invitation, device("tablet")),
  ]);

  expect([first.status, second.status].sort()).toEqual(["fulfilled", "rejected"]);
  await expect(pairDevice(open.invitation, device("third"))).rejects.toMatchObject({
    code: "CONNECTION_REFUSED",
  });
});

test("a wrong code is refused, and after three of them the offer is over", async () => {
  const { trust, offer, device } = home();
  await using open = await offer();
  const wrong = { address: open.address, code: "0000-0000-0000-0000" };
  for (let tries = 0; tries < 3; tries++) {
    await expect(pairDevice(wrong, device("thief"))).rejects.toMatchObject({
      code: "AUTHENTICATION_FAILED",
    });
  }

  await expect(open.paired).rejects.toThrow("wrong codes were tried");
  await expect(pairDevice(open.invitation, device("phone"))).rejects.toThrow();
  expect(trust.devices).toEqual([]);
});

test("a device that reaches somebody who does not know the code takes nothing from him", async () => {
  const { device } = home();
  const { offer, ...impostor } = home();
  await using open = await offer({ listenAddress: "memory:impostor" });
  const phone = { ...device("phone"), transport: impostor.device("phone").transport };
  const invitation = { address: open.address, code: "0000-0000-0000-0000" };

  await expect(pairDevice(invitation, phone)).rejects.toMatchObject({
    code: "AUTHENTICATION_FAILED",
  });
});

test("an offer ends by itself", async () => {
  const { clock, offer, device } = home();
  await using open = await offer({ lifetime: 60_000 });
  await clock.advance(60_000);

  await expect(open.paired).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await expect(pairDevice(open.invitation, device("phone"))).rejects.toMatchObject({
    code: "CONNECTION_REFUSED",
  });
});

test("closing an offer, or aborting it, ends it once and for all", async () => {
  const { offer } = home();
  const closed = await offer();
  await closed.close();
  await closed.close();
  await expect(closed.paired).rejects.toMatchObject({ code: "CLOSED" });

  const controller = new AbortController();
  const aborted = await offer({ signal: controller.signal, listenAddress: "memory:other" });
  controller.abort();
  await expect(aborted.paired).rejects.toMatchObject({ code: "ABORTED" });
});

test("an offer that cannot listen leaves nothing behind", async () => {
  const { clock, offer } = home();
  await using _open = await offer();
  const timers = clock.pending;

  await expect(offer()).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
  expect(clock.pending).toBe(timers);
});

test("somebody who says nothing, or nonsense, does not hold the offer up", async () => {
  const clock = new FakeClock();
  const { offer, device } = home(clock);
  await using open = await offer();
  const { transport } = device("x");
  const silent = await Promise.all(Array.from({ length: 6 }, () => transport.dial(open.address)));
  for (const link of silent) link.receive(() => {});
  silent[0]?.send(new Uint8Array(100_000));
  await settle();
  await clock.advance(10_000);
  await settle();

  expect((await pairDevice(open.invitation, device("phone"))).name).toBe("phone");
});

test.each([
  "",
  "net-pair:",
  "net-pair:address=memory%3Adesk",
  "https://example.net",
  "net-pair:address=a&code=123",
])("%j is no invitation", async (text) => {
  const { device } = home();

  await expect(pairDevice(text, device("phone"))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("a device that is not answered gives up, or when it is told to", async () => {
  const { clock, device } = home();
  const phone = device("phone");
  await using _mute = await phone.transport.listen("memory:mute", (link) => link.receive(() => {}));
  const invitation = { address: "memory:mute", code: "0000-0000-0000-0000" };
  const controller = new AbortController();
  const [late, aborted] = [
    pairDevice(invitation, phone),
    pairDevice(invitation, { ...phone, signal: controller.signal }),
  ];
  late.catch(() => {});
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
  await clock.advance(15_000);

  await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test.each<[string, object]>([
  ["offerPairing needs the option owner: an OwnerIdentity", { owner: undefined }],
  ["owner must be an OwnerIdentity", { owner: {} }],
  ["trust must be an OwnerTrust", { trust: {} }],
  ["transport must be a Transport that listens", { transport: { dial: () => {} } }],
  ["listenAddress must be a text", { listenAddress: 5 }],
  ["name must be a function", { name: "phone" }],
  ["offerPairing has no option lifetimes: did you mean lifetime?", { lifetimes: 5 }],
])("an offer is not made where %s", async (message, changes) => {
  const offering = home().offer(changes);

  await expect(offering).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(offering).rejects.toThrow(message);
});

test.each<[string, object, unknown]>([
  ["identity must be a DeviceIdentity", { identity: "x" }, undefined],
  ["pairDevice needs the option name: a text", { name: undefined }, undefined],
  ["name must be a text", { name: 5 }, undefined],
  ["transport must be a Transport", { transport: {} }, undefined],
  ["the invitation must be a text, or an address and a code", {}, { address: "memory:desk" }],
  ["the invitation must be a text, or an address and a code", {}, null],
])("no device is paired where %s", async (message, changes, invitation) => {
  const { offer, device } = home();
  await using open = await offer();
  const shown = invitation === undefined ? open.invitation : (invitation as string);
  const pairing = pairDevice(shown, { ...device("phone"), ...changes });

  await expect(pairing).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(pairing).rejects.toThrow(message);
});
