import { expect, test } from "vitest";
import { readPeerDiscovery } from "../../src/discovery/peer-discovery-options.ts";
import { RendezvousRegistry } from "../../src/discovery/rendezvous/registry.ts";

test("a peer is found in no way unless it is told, and then on this machine only", () => {
  expect(readPeerDiscovery(undefined, "home")).toEqual({});
  expect(readPeerDiscovery({ mdns: true, broadcast: true }, "home")).toMatchObject({
    mdns: { interfaces: ["127.0.0.1"], port: 5353, networkId: "home" },
    broadcast: { interfaces: ["127.0.0.1"], port: 21_337 },
  });
});

test("interfaces are one, several or all; a rendezvous is what it is", () => {
  const rendezvous = new RendezvousRegistry();
  const several = readPeerDiscovery(
    { mdns: { interface: ["eth0", "wlan0"] }, broadcast: { interface: "all" }, rendezvous },
    "home",
  );

  expect(several).toMatchObject({
    mdns: { interfaces: ["eth0", "wlan0"] },
    broadcast: { interfaces: "all" },
  });
  expect(several.rendezvous).toBe(rendezvous);
});
