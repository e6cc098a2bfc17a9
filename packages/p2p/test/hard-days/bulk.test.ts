import { settle } from "@net/core/testing";
import type { PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

test("bulk that waits long behind what is urgent, at a relay or before it, arrives whole", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = (await net.line("a", "b", "c")) as [PeerNetwork, PeerNetwork, PeerNetwork];
  for (const peer of [b, c]) {
    peer.registerTool(
      { name: "size", concurrency: 64 },
      (bytes) => (bytes as Uint8Array).byteLength,
    );
  }
  await settle();
  // Credit comes once in a round trip: so much is under way that bulk waits for seconds.
  net.faults.delay(100);
  const urgent = Array.from({ length: 6 }, () =>
    a.executeRemoteTool("b", "size", new Uint8Array(500_000)),
  );
  const bulk = Array.from({ length: 2 }, () =>
    a.executeRemoteTool("c", "size", new Uint8Array(100_000), { priority: "low" }),
  );

  expect(await net.until(Promise.allSettled(bulk))).toMatchObject([
    { value: 100_000 },
    { value: 100_000 },
  ]);
  expect(await net.until(Promise.all(urgent))).toEqual(urgent.map(() => 500_000));
});

test("streams side by side that wait for credit all come whole", async () => {
  await using net = new TestNetwork();
  const [a, b] = await net.line("a", "b");
  b?.registerTool({ name: "count", concurrency: 64 }, async function* () {
    for (let n = 0; n < 20; n++) yield new Uint8Array(20_000).fill(n);
  });
  await settle();
  net.faults.delay(100);
  const streams = Array.from({ length: 8 }, async () => {
    const chunks: unknown[] = [];
    for await (const chunk of (a as PeerNetwork).call("b", "count").stream) {
      chunks.push((chunk as Uint8Array)[0]);
    }
    return chunks;
  });
  const whole = Array.from({ length: 20 }, (_, n) => n);

  expect(await net.until(Promise.all(streams))).toEqual(streams.map(() => whole));
});
