import { PeerNetwork } from "@net/p2p";
import { expect, onTestFinished, test, vi } from "vitest";

const jwtSecret = "a secret of the test, 32 bytes long";

async function peer(peerId: string, relay = false): Promise<PeerNetwork> {
  const network = new PeerNetwork({
    ...{ peerId, host: "127.0.0.1", port: 0, enableTLS: true, jwtSecret, relay },
  });
  onTestFinished(() => network.stop());
  await network.start();
  return network;
}

test("what a relay has passed on is freed at once, and not left to garbage collection", async () => {
  const starting = [peer("caller"), peer("relay", true), peer("target")] as const;
  const [caller, relay, target] = await Promise.all(starting);
  target.registerTool({ name: "echo", idempotent: true }, (value) => value);
  await caller.connect(relay.address as string);
  await target.connect(relay.address as string);
  await vi.waitFor(() => {
    const known = caller.getTopologyGraph().nodes.find(({ id }) => id === "target");
    expect(known).toMatchObject({ hops: 2, tools: ["echo"] });
  });
  const freed = vi.spyOn(ArrayBuffer.prototype, "transfer");
  onTestFinished(() => void freed.mockRestore());
  for (let n = 0; n < 100; n++) {
    const question = new Uint8Array(6_000).fill(n);
    expect(await caller.executeRemoteTool("target", "echo", question)).toEqual(question);
  }

  // There and back, but the last ones, for which nothing came after them.
  expect(freed.mock.calls.length).toBeGreaterThan(150);
});
