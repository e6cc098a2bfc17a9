import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { settle } from "@net/core/testing";
import type { PeerNetwork, PeerNetworkOptions } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

type Options = Partial<Omit<PeerNetworkOptions, "peerId">>;

/** An owner's devices, each with a key, a certificate and a trust of its own. */
function household(net: TestNetwork) {
  const owner = OwnerIdentity.generate(net.clock);
  const device = (name: string, identity = DeviceIdentity.generate(), options: Options = {}) => {
    const certificate = owner.certify({ device: identity.publicKey, name }).text;
    const trust = new OwnerTrust(owner.publicKey, { clock: net.clock });
    return { ...options, identity, owner: { trust, certificate } };
  };
  return { owner, device };
}

function neighbours(network: PeerNetwork): string[] {
  return network.getConnectedPeers().map(({ peerId }) => peerId);
}

test("the devices of one owner let each other in, and may use all of each other's tools", async () => {
  await using net = new TestNetwork();
  const { device } = household(net);
  const laptop = await net.peer("laptop", device("laptop"));
  const server = await net.peer("server", device("server"));
  server.registerTool({ name: "reboot", permission: "admin.reboot" }, () => "rebooted");
  await laptop.connect("memory:server");
  await settle();

  expect(neighbours(server)).toEqual(["laptop"]);
  expect(await laptop.executeRemoteTool("server", "reboot")).toBe("rebooted");
});

test("a device of another owner, and one of none, is not let in", async () => {
  await using net = new TestNetwork();
  await net.peer("server", household(net).device("server"));
  const stranger = await net.peer("laptop", household(net).device("laptop"));
  const nobody = await net.peer("nobody");

  await expect(stranger.connect("memory:server")).rejects.toMatchObject({
    code: "AUTHENTICATION_FAILED",
  });
  await expect(nobody.connect("memory:server")).rejects.toThrow("no certificate");
});

test("a device does not take an acceptor that is not its owner's", async () => {
  await using net = new TestNetwork();
  const laptop = await net.peer("laptop", household(net).device("laptop"));
  await net.peer("impostor");

  await expect(laptop.connect("memory:impostor")).rejects.toThrow("no certificate");
});

test("somebody who has seen a certificate cannot use it without its key", async () => {
  await using net = new TestNetwork();
  const { owner, device } = household(net);
  await net.peer("server", device("server"));
  const laptop = device("laptop");
  const thief = net.idle("laptop", {
    identity: laptop.identity,
    owner: { ...laptop.owner, trust: new OwnerTrust(owner.publicKey, { clock: net.clock }) },
  });
  expect(thief.peerId).toBe("laptop");
  const other = DeviceIdentity.generate();

  expect(() => net.idle("laptop", { identity: other, owner: laptop.owner })).toThrow(
    "another device's key",
  );
});

test.each([
  ["no identity", { identity: undefined }, "identity"],
  ["another name", {}, "the name in the certificate"],
])("a peer with an owner and %s is refused at once", (_what, changes, message) => {
  const net = new TestNetwork();
  const { identity, owner } = household(net).device("laptop");
  const options = { ...("identity" in changes ? {} : { identity }), owner };

  expect(() => net.idle("server", options)).toThrow(message);
});

test("a revoked device loses its link at once, and is not let in again", async () => {
  await using net = new TestNetwork();
  const { owner, device } = household(net);
  const [server, phone] = [device("server"), device("phone")];
  const atServer = await net.peer("server", server);
  const atPhone = await net.peer("phone", phone);
  await atPhone.connect("memory:server");
  const lost = atPhone.once("peer:disconnected");
  server.owner.trust.learn(owner.revoke(phone.identity.publicKey));

  expect(await lost).toMatchObject(["server", { code: "unauthorized", remote: true }]);
  expect(neighbours(atServer)).toEqual([]);
  await expect(atPhone.connect("memory:server")).rejects.toThrow("revoked");
});

test("what the owner said to one device, all hear, also those that come later", async () => {
  await using net = new TestNetwork();
  const { owner, device } = household(net);
  const names = ["a", "b", "c"] as const;
  const devices = new Map(names.map((name) => [name, device(name)]));
  const [a, b] = [await net.peer("a", devices.get("a")), await net.peer("b", devices.get("b"))];
  await b.connect("memory:a");
  const gone = DeviceIdentity.generate().publicKey;
  devices.get("a")?.owner.trust.learn(owner.revoke(gone));
  await settle();
  const c = await net.peer("c", devices.get("c"));
  await c.connect("memory:b");
  await settle();

  expect(names.map((name) => devices.get(name)?.owner.trust.isRevoked(gone))).toEqual([
    true,
    true,
    true,
  ]);
  expect(neighbours(a)).toEqual(["b"]);
});

test("a device whose certificate runs out while it is linked loses its link", async () => {
  await using net = new TestNetwork();
  const { owner, device } = household(net);
  const identity = DeviceIdentity.generate();
  const short = owner.certify({ device: identity.publicKey, name: "phone", validity: 60_000 }).text;
  const phone = { ...device("phone", identity) };
  const server = await net.peer("server", device("server"));
  const atPhone = await net.peer("phone", {
    identity,
    owner: { trust: new OwnerTrust(owner.publicKey, { clock: net.clock }), certificate: short },
  });
  await atPhone.connect("memory:server");
  expect(neighbours(server)).toEqual(["phone"]);
  await net.clock.advance(120_000);

  expect(neighbours(server)).toEqual([]);
  expect(phone.identity).toBe(identity);
});

test("an owner's device replaces another under its name, and the old key is out", async () => {
  await using net = new TestNetwork();
  const { owner, device } = household(net);
  const server = await net.peer("server", device("server"));
  const old = device("laptop");
  const atOld = await net.peer("laptop", old);
  await atOld.connect("memory:server");
  await atOld.stop();
  const identity = DeviceIdentity.generate();
  const replaces = old.identity.publicKey;
  const certificate = owner.certify({ device: identity.publicKey, name: "laptop", replaces }).text;
  const trust = new OwnerTrust(owner.publicKey, { clock: net.clock });
  const atNew = net.idle("laptop", {
    listenAddress: "memory:new",
    identity,
    owner: { trust, certificate },
  });
  await atNew.start();
  await atNew.connect("memory:server");
  expect(neighbours(server)).toEqual(["laptop"]);
  await atNew.stop();
  const again = net.idle("laptop", { ...old, listenAddress: "memory:again" });
  await again.start();

  await expect(again.connect("memory:server")).rejects.toThrow("was replaced");
});

test("with a secret too, a peer with a token is let in beside the owner's devices", async () => {
  await using net = new TestNetwork();
  const jwtSecret = "a secret of the test, 32 bytes long";
  const { device } = household(net);
  const server = await net.peer("server", { ...device("server"), jwtSecret });
  const guest = await net.peer("guest");
  const laptop = await net.peer("laptop", device("laptop"));
  await guest.connect("memory:server", { token: await server.generateJWT({ sub: "guest" }) });
  await laptop.connect("memory:server");

  expect(neighbours(server).sort()).toEqual(["guest", "laptop"]);
});

test("a neighbour that sends what is no statement is cut off; another owner's is let pass", async () => {
  await using net = new TestNetwork();
  const mine = household(net);
  const theirs = household(net);
  const server = await net.peer("server", mine.device("server"));
  const laptop = mine.device("laptop");
  const atLaptop = await net.peer("laptop", laptop);
  await atLaptop.connect("memory:server");
  const foreign = theirs.owner.revoke(laptop.identity.publicKey);

  expect(() => laptop.owner.trust.learn(foreign)).toThrow("not signed by the owner");
  await settle();
  expect(neighbours(server)).toEqual(["laptop"]);
});
