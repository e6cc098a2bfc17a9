import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

const DAY = 24 * 60 * 60_000;
const home = "net";

/** Two owners with a device each, who know nothing of each other yet. */
function setUp() {
  const clock = new FakeClock();
  const person = (name: string) => {
    const owner = OwnerIdentity.generate(clock);
    const trust = new OwnerTrust(owner.publicKey, { clock });
    const device = DeviceIdentity.generate();
    const { text: certificate } = owner.certify({ device: device.publicKey, name });
    return { owner, trust, device: device.publicKey, certificate };
  };
  return { clock, alice: person("alices-server"), bob: person("bobs-laptop") };
}

test("a device of another owner is a guest, with the tools of all grants to him", () => {
  const { alice, bob } = setUp();
  const tools = [["search.*"], ["files.read", "search.*"]];
  for (const each of tools) {
    alice.trust.learn(alice.owner.grant({ to: bob.owner.publicKey, tools: each }).text);
  }
  const guest = alice.trust.acceptGuest(bob.certificate, bob.device, home);

  expect(guest).toMatchObject({
    certificate: { name: "bobs-laptop" },
    tools: ["search.*", "files.read"],
  });
  expect(alice.trust.granted).toHaveLength(2);
});

test("a grant is news once", () => {
  const { alice, bob } = setUp();
  const { text } = alice.owner.grant({ to: bob.owner.publicKey, tools: [] });
  const learned: string[] = [];
  alice.trust.on("learned", (statement) => learned.push(statement));
  alice.trust.learn(text);
  alice.trust.learn(text);

  expect(learned).toEqual([text]);
  expect(alice.trust.relationTo(bob.certificate, home)).toEqual({
    ...{ isOwn: false, isGuest: true, isHost: false },
  });
});

test.each([
  ["without a grant", {}, "to whom nothing is granted"],
  ["with one for another network", { networkId: "work" }, "to whom nothing is granted"],
])("a device of another owner is not accepted %s", (_what, changes, message) => {
  const { alice, bob } = setUp();
  if ("networkId" in changes) {
    const to = bob.owner.publicKey;
    alice.trust.learn(alice.owner.grant({ to, tools: ["*"], ...changes }).text);
  }

  expect(() => alice.trust.acceptGuest(bob.certificate, bob.device, home)).toThrow(message);
});

test("a grant that somebody else signed in the owner's place is worth nothing", () => {
  const { alice, bob } = setUp();
  const mallory = OwnerIdentity.generate();
  const { text } = mallory.grant({ to: bob.owner.publicKey, tools: ["*"] });

  expect(() => alice.trust.learn(text)).toThrow("not signed by the owner");
});

test("a grant ends when its time is over", async () => {
  const { alice, bob, clock } = setUp();
  const { text } = alice.owner.grant({ to: bob.owner.publicKey, tools: ["*"], expiresIn: DAY });
  alice.trust.learn(text);
  await clock.advance(DAY + 1_000);

  expect(() => alice.trust.acceptGuest(bob.certificate, bob.device, home)).toThrow();
  expect(alice.trust.granted).toEqual([]);
  expect(() => alice.trust.learn(text)).toThrow("expired");
});

test("a grant that was taken back is gone for good, whichever is heard first", () => {
  const { alice, bob, clock } = setUp();
  const grant = alice.owner.grant({ to: bob.owner.publicKey, tools: ["*"] });
  const revocation = alice.owner.revokeGrant(grant.id);
  alice.trust.learn(grant.text);
  expect(alice.trust.learn(revocation)).toBe(true);
  expect(alice.trust.learn(revocation)).toBe(false);
  const late = new OwnerTrust(alice.owner.publicKey, { clock, statements: [revocation] });

  for (const trust of [alice.trust, late]) {
    expect(() => trust.learn(grant.text)).toThrow("taken back");
    expect(() => trust.acceptGuest(bob.certificate, bob.device, home)).toThrow(
      "nothing is granted",
    );
  }
});

test("a guest's device that its owner has revoked is out, and so is his old key's after a succession", () => {
  const { alice, bob } = setUp();
  alice.trust.learn(alice.owner.grant({ to: bob.owner.publicKey, tools: ["*"] }).text);
  const next = OwnerIdentity.generate();
  const stolen = DeviceIdentity.generate().publicKey;
  const { text: certificate } = bob.owner.certify({ device: stolen, name: "phone" });
  expect(alice.trust.learn(bob.owner.revoke(stolen))).toBe(true);
  expect(() => alice.trust.acceptGuest(certificate, stolen, home)).toThrow("revoked");

  alice.trust.learn(bob.owner.succeedBy(next.publicKey, 0));
  expect(() => alice.trust.acceptGuest(bob.certificate, bob.device, home)).toThrow("another key");
  const { text: renewed } = next.certify({ device: bob.device, name: "bobs-laptop" });
  expect(alice.trust.acceptGuest(renewed, bob.device, home).tools).toEqual(["*"]);
});

test("what a stranger says of his devices is not taken, and a guest's certificates do not spread", () => {
  const { alice, bob } = setUp();
  const revocation = bob.owner.revoke(bob.device);
  expect(() => alice.trust.learn(revocation)).toThrow("not signed by the owner");
  alice.trust.learn(alice.owner.grant({ to: bob.owner.publicKey, tools: [] }).text);

  expect(alice.trust.learn(bob.certificate)).toBe(false);
  expect(alice.trust.statements).not.toContain(bob.certificate);
});

test("whoever received a grant knows the devices of the owner who gave it, and no others", () => {
  const { alice, bob } = setUp();
  expect(() => bob.trust.acceptHost(alice.certificate, alice.device)).toThrow("granted nothing");
  const grant = alice.owner.grant({ to: bob.owner.publicKey, tools: ["search.*"] });
  expect(bob.trust.addGrant(grant.text)).toEqual(grant);

  expect(bob.trust.acceptHost(alice.certificate, alice.device).name).toBe("alices-server");
  expect(bob.trust.grantsOf(alice.owner.publicKey)).toEqual([grant]);
  expect(bob.trust.received).toEqual([grant]);
  bob.trust.learn(alice.owner.revoke(alice.device));
  expect(() => bob.trust.acceptHost(alice.certificate, alice.device)).toThrow("revoked");
});

test("a grant from anybody does not make him a host by being told over the network", () => {
  const { alice, bob } = setUp();
  const { text } = alice.owner.grant({ to: bob.owner.publicKey, tools: ["*"] });

  expect(() => bob.trust.learn(text)).toThrow("not signed by the owner");
  expect(bob.trust.received).toEqual([]);
});

test("a grant to somebody else is not taken, nor what is no grant", () => {
  const { alice, bob } = setUp();
  const other = OwnerIdentity.generate();
  const { text } = alice.owner.grant({ to: other.publicKey, tools: ["*"] });

  expect(() => bob.trust.addGrant(text)).toThrow("to another owner");
  expect(() => bob.trust.addGrant(alice.certificate)).toThrow("no grant");
});

test("other owners hear of keys that are not to be trusted, and of grants to them alone", () => {
  const { alice, bob } = setUp();
  const carol = OwnerIdentity.generate();
  const forBob = alice.owner.grant({ to: bob.owner.publicKey, tools: ["a"] }).text;
  const forCarol = alice.owner.grant({ to: carol.publicKey, tools: ["b"] }).text;
  const revocation = alice.owner.revoke(DeviceIdentity.generate().publicKey);
  for (const statement of [forBob, forCarol, revocation, alice.certificate]) {
    alice.trust.learn(statement);
  }

  expect(alice.trust.statementsFor(bob.owner.publicKey)).toEqual([revocation, forBob]);
  expect(alice.trust.statementsFor(OwnerIdentity.generate().publicKey)).toEqual([revocation]);
});

test("grants outlive a restart; what has expired meanwhile does not stop it", async () => {
  const { alice, bob, clock } = setUp();
  const to = bob.owner.publicKey;
  alice.trust.learn(alice.owner.grant({ to, tools: ["a"], expiresIn: DAY }).text);
  alice.trust.learn(alice.owner.grant({ to, tools: ["b"] }).text);
  alice.trust.learn(bob.owner.revoke(DeviceIdentity.generate().publicKey));
  const { statements } = alice.trust;
  await clock.advance(2 * DAY);
  const restarted = new OwnerTrust(alice.owner.publicKey, { clock, statements });

  expect(restarted.acceptGuest(bob.certificate, bob.device, home).tools).toEqual(["b"]);
  expect(restarted.statements).toHaveLength(2);
});

test("when an owner's key is succeeded, his grants last as long as the grace", async () => {
  const { alice, bob, clock } = setUp();
  const grant = alice.owner.grant({ to: bob.owner.publicKey, tools: ["a"] });
  alice.trust.learn(grant.text);
  alice.trust.learn(alice.owner.succeedBy(OwnerIdentity.generate().publicKey, DAY));
  expect(alice.trust.granted).toHaveLength(1);
  await clock.advance(DAY + 1_000);

  expect(alice.trust.granted).toEqual([]);
  expect(() => alice.trust.acceptGuest(bob.certificate, bob.device, home)).toThrow("nothing");
});

test.each<[string, (owner: OwnerIdentity) => unknown, string]>([
  ["to its own owner", (owner) => owner.grant({ to: owner.publicKey, tools: [] }), "no grant"],
  ["of no tool", (owner) => owner.grant({ to: new Uint8Array(32), tools: [""] }), "tools"],
  ["to no key", (owner) => owner.grant({ to: new Uint8Array(3), tools: [] }), "32 bytes"],
  [
    "for no time",
    (owner) => owner.grant({ to: new Uint8Array(32), tools: [], expiresIn: 0 }),
    "expiresIn",
  ],
])("a grant %s is refused at once", (_what, make, message) => {
  expect(() => make(OwnerIdentity.generate())).toThrow(message);
});
