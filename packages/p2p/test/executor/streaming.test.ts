import { DistributedExecutor } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

test.each([
  ["a", 0],
  ["b", 1],
  ["c", 2],
])(
  "progress and stream of a tool on %s, %i links away, reach whoever executes it",
  async (where) => {
    await using net = new TestNetwork();
    const peers = await net.line("a", "b", "c");
    const callee = peers.find(({ peerId }) => peerId === where);
    callee?.registerTool({ name: "count" }, async function* (_, { progress }) {
      progress("begun");
      for (let n = 0; n < 5; n++) yield n;
      return "counted";
    });
    await net.calm();
    const [a] = peers;
    if (!a) throw new Error("a line of three has three peers");
    const executor = new DistributedExecutor(a.tools, a.router(), { clock: net.clock });
    const seen: unknown[] = [];
    const told: unknown[] = [];
    const execution = await executor.execute(
      "count",
      undefined,
      {},
      {
        onProgress: (step) => told.push(step),
        onChunk: (chunk) => void seen.push(chunk),
      },
    );

    expect(execution).toMatchObject({ value: "counted", executedOn: where });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(told).toEqual(["begun"]);
  },
);

test("a sink that fails ends the stream, not the execution", async () => {
  await using net = new TestNetwork();
  const [a, b] = await net.line("a", "b");
  if (!a) throw new Error("a line of two has two peers");
  b?.registerTool({ name: "count" }, async function* () {
    for (let n = 0; n < 5; n++) yield n;
    return "counted";
  });
  await net.calm();
  const executor = new DistributedExecutor(a.tools, a.router(), { clock: net.clock });
  const onChunk = (): never => {
    throw new Error("no room");
  };

  expect(await executor.execute("count", undefined, {}, { onChunk })).toMatchObject({
    value: "counted",
  });
});
