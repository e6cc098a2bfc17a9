// Peers find each other without being told where they are: here on one machine, with `interface: "all"` on every network.
import { randomBytes } from "node:crypto";
import { DeviceDiscovery, discoverNodes, PeerNetwork } from "@net/p2p";

const networkId = `discovery example ${process.pid}`;
const options = { networkId, jwtSecret: randomBytes(32).toString("base64"), host: "127.0.0.1" };

await using desk = new PeerNetwork({
  ...{ ...options, peerId: "desk", host: "127.0.0.1", port: 0 },
  discovery: { mdns: true },
});
await using laptop = new PeerNetwork({ ...options, peerId: "laptop", host: "127.0.0.1", port: 0 });
await Promise.all([desk.start(), laptop.start()]);

// As they are found, each device once, whichever ways it is found in.
for await (const node of discoverNodes({ mdns: true, networkId })) {
  console.log(`${node.name} was found by ${node.source}`);
  await laptop.connect(node.address);
  break;
}
console.log(
  "linked to",
  laptop.getConnectedPeers().map(({ peerId }) => peerId),
);

// Or as a list, of all that is found within a time.
const finder = new DeviceDiscovery({ mdns: true, networkId, manual: ["ws://192.168.1.100:5000"] });
for (const [name, { host, sources }] of await finder.discover({ duration: 1_500 })) {
  console.log(`${name} at ${host}, by ${sources.join(" and ")}`);
}
