import { ConnectionError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { PeerNetwork, RendezvousRegistry } from "@net/p2p";
import { expect, onTestFinished, test, vi } from "vitest";
import { Lifeline } from "../src/liveness/lifeline/lifeline.ts";

test("a start that fails at its end takes back what it has told, and may be tried again", async () => {
  const rendezvous = new RendezvousRegistry({ clock: new FakeClock() });
  await using network = new PeerNetwork({
    ...{
      peerId: "box",
      host: "127.0.0.1",
      port: 0,
      jwtSecret: "a secret of 32 bytes, or some more",
    },
    ...{ networkId: "home", discovery: { rendezvous }, liveness: { lifeline: true } },
  });
  const failing = vi.spyOn(Lifeline, "start");
  onTestFinished(() => failing.mockRestore());
  failing.mockImplementationOnce(async () => {
    expect(rendezvous.lookup("home").length).toBe(1);
    throw new ConnectionError("no UDP here", { code: "ADDRESS_IN_USE" });
  });

  await expect(network.start()).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
  expect(network.address).toBeUndefined();
  expect(rendezvous.lookup("home")).toEqual([]);

  await network.start();
  expect(network.address).toMatch(/^ws:/);
  expect(rendezvous.lookup("home").length).toBe(1);
  await network.stop();
  expect(rendezvous.lookup("home")).toEqual([]);
});
