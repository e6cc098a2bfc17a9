import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

test("a guest's grant holds behind a relay, at a device that has not heard of it", async () => {
  await using net = new TestNetwork();
  const [alice, bob] = [OwnerIdentity.generate(net.clock), OwnerIdentity.generate(net.clock)];
  const device = (owner: OwnerIdentity, name: string) => {
    const identity = DeviceIdentity.generate();
    const { text: certificate } = owner.certify({ device: identity.publicKey, name });
    const trust = new OwnerTrust(owner.publicKey, { clock: net.clock });
    return { identity, owner: { trust, certificate } };
  };
  const [server, desk, laptop] = [
    device(alice, "server"),
    device(alice, "desk"),
    device(bob, "laptop"),
  ];
  const grant = alice.grant({ to: bob.publicKey, tools: ["search.*"] });
  laptop.owner.trust.addGrant(grant.text);
  const atServer = await net.peer("server", { ...server, relay: true });
  const [atDesk, atLaptop] = [await net.peer("desk", desk), await net.peer("laptop", laptop)];
  atDesk.registerTool({ name: "search.web" }, () => "found");
  atDesk.registerTool({ name: "shell" }, () => "root");
  await atDesk.connect("memory:server");
  await atLaptop.connect("memory:server");
  await settle();
  await net.clock.advance(1_000);

  expect(atServer.getConnectedPeers()).toHaveLength(2);
  expect(await net.until(atLaptop.executeRemoteTool("desk", "search.web"))).toBe("found");
  await expect(net.until(atLaptop.executeRemoteTool("desk", "shell"))).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
});
