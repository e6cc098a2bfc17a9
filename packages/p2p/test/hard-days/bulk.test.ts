import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

test("bulk that waits long at a relay, or before it, arrives whole", async () => {
  await using net = new TestNetwork();
  const [a, , c] = await net.line("a", "b", "c");
  c?.registerTool({ name: "size", concurrency: 64 }, (bytes) => (bytes as Uint8Array).byteLength);
  await settle();
  // So much is under way at the same time that it waits for credit, and new credit comes once in a round trip.
  net.faults.delay(100);
  const sizes = Array.from({ length: 12 }, () => 500_000);
  const calls = sizes.map((size) =>
    a?.executeRemoteTool("c", "size", new Uint8Array(size), { priority: "low" }),
  );

  expect(await net.until(Promise.all(calls))).toEqual(sizes);
});
