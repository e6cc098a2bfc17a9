import { silentLogger } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { discoverNodes, offerRendezvous, RendezvousRegistry, rendezvousAt } from "@net/p2p";
import { expect, test } from "vitest";
import { Announcer } from "../../../src/discovery/announcer.ts";
import { TestNetwork } from "../../support/test-network.ts";

test("a record left with a public peer is found by another peer, through the mesh", async () => {
  await using net = new TestNetwork();
  const [laptop, hub, phone] = await net.line("laptop", "hub", "phone");
  const { clock } = net;
  if (!laptop || !hub || !phone) throw new Error("a line of three has three peers");
  offerRendezvous(hub, new RendezvousRegistry({ clock }));
  await net.calm();
  await using _announcer = await Announcer.start({
    peer: { networkId: "net", peerId: "laptop", peerName: "laptop", address: "ws://10.0.0.7:8080" },
    identity: DeviceIdentity.generate(),
    rendezvous: rendezvousAt(laptop, "hub"),
    clock,
    logger: silentLogger,
  });

  for await (const node of discoverNodes({ rendezvous: rendezvousAt(phone, "hub"), clock })) {
    expect(node).toMatchObject({ peerId: "laptop", address: "ws://10.0.0.7:8080", verified: true });
    break;
  }
});

test("a peer that is asked to hold what is no record refuses it", async () => {
  await using net = new TestNetwork();
  const [laptop, hub] = await net.line("laptop", "hub");
  if (!laptop || !hub) throw new Error("a line of two has two peers");
  offerRendezvous(hub, new RendezvousRegistry({ clock: net.clock }));
  const rendezvous = rendezvousAt(laptop, "hub");

  await expect(rendezvous.publish(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
    code: expect.stringMatching(/INVALID_ARGUMENT|AUTHENTICATION_FAILED/),
  });
  await expect(laptop.executeRemoteTool("hub", "net.rendezvous.publish", "text")).rejects.toThrow();
});

test("whoever is only asked who is there gets no link", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a"), await net.peer("b")];
  const known = await a.identify("memory:b", { signal: new AbortController().signal });

  expect(known).toMatchObject({ peerId: "b", publicKey: expect.any(Uint8Array) });
  await net.calm();
  expect([...a.getConnectedPeers(), ...b.getConnectedPeers()]).toEqual([]);
  expect(
    await a.identify("memory:nobody", { signal: new AbortController().signal }),
  ).toBeUndefined();
});
