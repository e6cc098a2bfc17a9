import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

/** A person: an owner's key, and devices that are his. */
function person(net: TestNetwork) {
  const owner = OwnerIdentity.generate(net.clock);
  const device = (name: string) => {
    const identity = DeviceIdentity.generate();
    const { text: certificate } = owner.certify({ device: identity.publicKey, name });
    const trust = new OwnerTrust(owner.publicKey, { clock: net.clock });
    return { identity, owner: { trust, certificate } };
  };
  return { owner, device };
}

/** Alice's server, and Bob's laptop, to which she has granted something. */
async function shared(net: TestNetwork, tools: readonly string[]) {
  const [alice, bob] = [person(net), person(net)];
  const [server, laptop] = [alice.device("server"), bob.device("laptop")];
  const grant = alice.owner.grant({ to: bob.owner.publicKey, tools });
  server.owner.trust.learn(grant.text);
  laptop.owner.trust.addGrant(grant.text);
  const atServer = await net.peer("server", server);
  const atLaptop = await net.peer("laptop", laptop);
  atServer.registerTool({ name: "search", permission: "search.web" }, () => "found");
  atServer.registerTool({ name: "wipe", permission: "files.delete" }, () => "gone");
  return { alice, bob, server, laptop, grant, atServer, atLaptop };
}

test("a device of another owner is let in by a grant, and may use what that names", async () => {
  await using net = new TestNetwork();
  const { atServer, atLaptop } = await shared(net, ["search.*"]);
  await atLaptop.connect("memory:server");
  await settle();

  expect(atServer.getConnectedPeers()).toMatchObject([{ peerId: "laptop" }]);
  expect(await atLaptop.executeRemoteTool("server", "search")).toBe("found");
  await expect(atLaptop.call("server", "wipe")).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
});

test("without a grant it is not; and whoever was granted something lets nobody in for that", async () => {
  await using net = new TestNetwork();
  const { atServer, alice, bob } = await shared(net, ["search.*"]);
  await net.peer("stranger", person(net).device("stranger"));
  const bobsDesk = bob.device("desk");
  await net.peer("desk", bobsDesk);

  await expect(atServer.connect("memory:stranger")).rejects.toMatchObject({
    code: "AUTHENTICATION_FAILED",
  });
  bobsDesk.owner.trust.addGrant(alice.owner.grant({ to: bob.owner.publicKey, tools: [] }).text);
  await expect(atServer.connect("memory:desk")).rejects.toThrow("to whom nothing is granted");
});

test("a grant that is taken back ends the link, wherever its owner says so", async () => {
  await using net = new TestNetwork();
  const { atServer, atLaptop, alice, grant } = await shared(net, ["search.*"]);
  const desk = alice.device("desk");
  const atDesk = await net.peer("desk", desk);
  await atDesk.connect("memory:server");
  await atLaptop.connect("memory:server");
  await settle();
  expect(desk.owner.trust.granted).toHaveLength(1);
  const lost = atLaptop.once("peer:disconnected");
  desk.owner.trust.learn(alice.owner.revokeGrant(grant.id));

  expect(await lost).toMatchObject(["server", { code: "unauthorized", remote: true }]);
  expect(atServer.getConnectedPeers()).toMatchObject([{ peerId: "desk" }]);
});

test("when one grant of two is taken back, the next link gives what the other does", async () => {
  await using net = new TestNetwork();
  const { atLaptop, alice, bob, server, grant } = await shared(net, ["files.*"]);
  server.owner.trust.learn(
    alice.owner.grant({ to: bob.owner.publicKey, tools: ["search.*"] }).text,
  );
  await atLaptop.connect("memory:server");
  expect(await atLaptop.executeRemoteTool("server", "wipe")).toBe("gone");
  const lost = atLaptop.once("peer:disconnected");
  server.owner.trust.learn(alice.owner.revokeGrant(grant.id));
  expect(await lost).toMatchObject(["server", { code: "going-away" }]);
  await net.until(atLaptop.once("peer:connected"));

  expect(await atLaptop.executeRemoteTool("server", "search")).toBe("found");
  await expect(atLaptop.call("server", "wipe")).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
});

test("a guest's device that its own owner revokes loses its link, once another of his has told", async () => {
  await using net = new TestNetwork();
  const { atServer, atLaptop, alice, bob, laptop } = await shared(net, ["search.*"]);
  const phone = bob.device("phone");
  phone.owner.trust.addGrant(alice.owner.grant({ to: bob.owner.publicKey, tools: [] }).text);
  const atPhone = await net.peer("phone", phone);
  await Promise.all([atLaptop.connect("memory:server"), atPhone.connect("memory:server")]);
  const lost = atLaptop.once("peer:disconnected");
  phone.owner.trust.learn(bob.owner.revoke(laptop.identity.publicKey));

  expect(await lost).toMatchObject(["server", { code: "unauthorized" }]);
  expect(atServer.getConnectedPeers()).toMatchObject([{ peerId: "phone" }]);
});

test("a guest hears of keys that are not to be trusted, and of nothing else that an owner has", async () => {
  await using net = new TestNetwork();
  const { atLaptop, alice, laptop, server } = await shared(net, ["search.*"]);
  const carol = person(net);
  server.owner.trust.learn(alice.owner.grant({ to: carol.owner.publicKey, tools: ["*"] }).text);
  const heard: string[] = [];
  laptop.owner.trust.on("learned", (statement) => heard.push(statement));
  await atLaptop.connect("memory:server");
  await settle();
  expect(heard).toEqual([]);
  const revocation = alice.owner.revoke(DeviceIdentity.generate().publicKey);
  server.owner.trust.learn(revocation);
  await settle();

  expect(heard).toEqual([revocation]);
});

test("two owners who both call a device laptop cannot have both in one network", async () => {
  await using net = new TestNetwork();
  const { atServer, atLaptop, alice, server } = await shared(net, ["search.*"]);
  const hers = alice.device("laptop");
  server.owner.trust.learn(hers.owner.certificate);

  await expect(atLaptop.connect("memory:server")).rejects.toThrow("is the name of a device");
  expect(atServer.getConnectedPeers()).toEqual([]);
});
