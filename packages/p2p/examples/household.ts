// The devices of one person: each has a certificate, none knows a common secret. One of them is stolen, and revoked.
import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { PeerNetwork } from "@net/p2p";

// Keep the owner's key in a file of its own: loadOrCreateOwner(path).
const owner = OwnerIdentity.generate();

async function device(peerId: string) {
  const identity = DeviceIdentity.generate();
  const certificate = owner.certify({ device: identity.publicKey, name: peerId }).text;
  const trust = new OwnerTrust(owner.publicKey);
  // Without a host it would listen at every interface: whoever has no certificate is not let in.
  const network = new PeerNetwork({
    ...{ peerId, host: "127.0.0.1", port: 0, identity, owner: { trust, certificate } },
  });
  await network.start();
  return { identity, trust, network };
}

const [server, laptop, phone] = await Promise.all(["server", "laptop", "phone"].map(device));
if (!server || !laptop || !phone) throw new Error("three devices were asked for");
await laptop.network.connect(server.network.address ?? "");
await phone.network.connect(server.network.address ?? "");
console.log(server.network.getConnectedPeers().map(({ peerId }) => peerId));

// The owner tells one device; it tells the others.
const gone = server.network.once("peer:disconnected");
laptop.trust.learn(owner.revoke(phone.identity.publicKey, "stolen"));
const [peerId, { message }] = await gone;
console.log(`${peerId} is out: ${message}`);

await Promise.all([server, laptop, phone].map(({ network }) => network.stop()));
