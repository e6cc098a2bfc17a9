import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

// An owner takes another key: what his devices make of it.

/** What a device of an owner is given; it trusts his key, and whatever else he has said. */
function deviceOf(
  net: TestNetwork,
  owner: OwnerIdentity,
  name: string,
  trust = new OwnerTrust(owner.publicKey, { clock: net.clock }),
) {
  const identity = DeviceIdentity.generate();
  const certificate = owner.certify({ device: identity.publicKey, name }).text;
  return { identity, owner: { trust, certificate } };
}

/** Three old devices in a row, of which the first has heard who the successor is. */
async function succession(net: TestNetwork) {
  const [former, next] = [OwnerIdentity.generate(net.clock), OwnerIdentity.generate(net.clock)];
  const names = ["a", "b", "c"] as const;
  const [a, b, c] = names.map((name) => deviceOf(net, former, name));
  if (!a || !b || !c) throw new Error("there are three");
  const atB = await net.peer("b", { ...b, relay: true });
  const [atA, atC] = [await net.peer("a", a), await net.peer("c", c)];
  await atA.connect("memory:b");
  await atC.connect("memory:b");
  a.owner.trust.learn(former.succeedBy(next.publicKey));
  await settle();
  return { former, next, a, b, c, atA, atB, atC };
}

function neighbours(network: PeerNetwork): string[] {
  return network.getConnectedPeers().map(({ peerId }) => peerId);
}

test("all devices hear of the owner's next key, and stay linked", async () => {
  await using net = new TestNetwork();
  const { next, a, b, c, atB } = await succession(net);

  for (const { owner } of [a, b, c]) expect(owner.trust.owner).toEqual(next.publicKey);
  expect(neighbours(atB).sort()).toEqual(["a", "c"]);
});

test("what the new key revokes is out at all devices, and what the old one says counts no more", async () => {
  await using net = new TestNetwork();
  const { former, next, a, b, c, atB, atC } = await succession(net);
  await net.clock.advance(1_000);
  expect(() => a.owner.trust.learn(former.revoke(b.identity.publicKey))).toThrow("not signed by");
  const cut = atC.once("peer:disconnected");
  a.owner.trust.learn(next.revoke(c.identity.publicKey));

  expect(await cut).toMatchObject(["b", { code: "unauthorized" }]);
  expect(neighbours(atB)).toEqual(["a"]);
  await expect(atC.connect("memory:b")).rejects.toThrow("revoked");
});

test("a device that the new key certified is let in by old ones, if it was told of the succession", async () => {
  await using net = new TestNetwork();
  const { former, next, b, atB } = await succession(net);
  const { statements } = b.owner.trust;
  const trust = new OwnerTrust(former.publicKey, { clock: net.clock, statements });
  const d = await net.peer("d", deviceOf(net, next, "d", trust));
  await d.connect("memory:b");

  expect(neighbours(atB).sort()).toEqual(["a", "c", "d"]);
});

test("a device that knows the new key only, and old ones, do not take each other's certificates", async () => {
  await using net = new TestNetwork();
  const { next, atB } = await succession(net);
  const d = await net.peer("d", deviceOf(net, next, "d"));

  await expect(d.connect("memory:b")).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  await expect(atB.connect("memory:d")).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
});
