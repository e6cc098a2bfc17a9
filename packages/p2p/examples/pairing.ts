// A new phone becomes one of its owner's devices: it knows a one-time code, typed or read from a QR code.
import { DeviceIdentity, OwnerIdentity, OwnerTrust } from "@net/core/identity";
import { offerPairing, PeerNetwork, pairDevice } from "@net/p2p";
import { webSocketTransport } from "@net/ws/transport";

const transport = webSocketTransport();

// At the desk, where the owner's key is.
const owner = OwnerIdentity.generate();
const trust = new OwnerTrust(owner.publicKey);
const desk = DeviceIdentity.generate();
const { text: certificate } = owner.certify({ device: desk.publicKey, name: "desk" });
await using atDesk = new PeerNetwork({
  ...{ peerId: "desk", host: "127.0.0.1", port: 0, identity: desk, owner: { trust, certificate } },
});
await atDesk.start();
await using offer = await offerPairing({
  ...{ owner, trust, transport, listenAddress: "ws://127.0.0.1:0" },
});
console.log(`type ${offer.code.replace(/\w/g, "•")}, or scan ${offer.invitation.slice(0, 9)}…`);

// On the phone.
const identity = DeviceIdentity.generate();
const { name, ...paired } = await pairDevice(offer.invitation, {
  identity,
  name: "phone",
  transport,
});
await using phone = new PeerNetwork({
  ...{ peerId: name, host: "127.0.0.1", port: 0, identity, owner: paired },
});
await phone.start();
await phone.connect(atDesk.address ?? "");

console.log(
  `${(await offer.paired).name} is paired, and linked to`,
  phone.getConnectedPeers()[0]?.peerId,
);
