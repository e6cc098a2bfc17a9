// Alice lets Bob's devices use one of her tools, without giving him a secret or an account; and takes it back.
import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { PeerNetwork } from "@net/p2p";

async function device(owner: OwnerIdentity, peerId: string) {
  const identity = DeviceIdentity.generate();
  const certificate = owner.certify({ device: identity.publicKey, name: peerId }).text;
  const trust = new OwnerTrust(owner.publicKey);
  const network = new PeerNetwork({
    ...{ peerId, host: "127.0.0.1", port: 0, identity, owner: { trust, certificate } },
  });
  await network.start();
  return { trust, network };
}

const [alice, bob] = [OwnerIdentity.generate(), OwnerIdentity.generate()];
const server = await device(alice, "alices-server");
const laptop = await device(bob, "bobs-laptop");
server.network.registerTool({ name: "search.papers" }, () => ["On Computable Numbers"]);
server.network.registerTool({ name: "files.delete" }, () => "gone");

// Each knows the other's owner key (32 bytes; compare fingerprints). Alice grants; Bob puts the grant on his devices.
const grant = alice.grant({ to: bob.publicKey, tools: ["search.*"], expiresIn: 7 * 86_400_000 });
server.trust.learn(grant.text);
laptop.trust.addGrant(grant.text);

await laptop.network.connect(server.network.address ?? "");
console.log(await laptop.network.executeRemoteTool("alices-server", "search.papers"));
await laptop.network
  .executeRemoteTool("alices-server", "files.delete")
  .catch(({ code, message }) => console.log(code, "–", message));

const gone = laptop.network.once("peer:disconnected");
server.trust.learn(alice.revokeGrant(grant.id));
const [peerId, reason] = await gone;
console.log(`${peerId} has hung up: ${reason.message}`);

await Promise.all([server, laptop].map(({ network }) => network.stop()));
