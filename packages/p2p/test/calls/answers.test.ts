import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const BIG = 900_000;

/** Two linked peers, of which `b` gives as many bytes as it is asked for. */
async function bigAnswers(network: TestNetwork) {
  const [a, b] = (await network.line("a", "b")) as [
    Awaited<ReturnType<TestNetwork["peer"]>>,
    Awaited<ReturnType<TestNetwork["peer"]>>,
  ];
  const ran = { count: 0 };
  b.registerTool({ name: "big", concurrency: 1024 }, (bytes) => {
    ran.count += 1;
    return new Uint8Array(Number(bytes));
  });
  return { a, b, ran };
}

test.each([
  { calls: 12, bytes: BIG },
  { calls: 60, bytes: 100_000 },
  { calls: 128, bytes: 20_000 },
])("$calls results of $bytes bytes at once all arrive", async ({ calls, bytes }) => {
  await using network = new TestNetwork();
  const { a, ran } = await bigAnswers(network);
  const results = Array.from({ length: calls }, () =>
    a.executeRemoteTool<Uint8Array>("b", "big", bytes),
  );
  const lengths = (await network.until(Promise.all(results))).map(({ byteLength }) => byteLength);
  expect(lengths).toEqual(Array.from({ length: calls }, () => bytes));
  expect(ran.count).toBe(calls);
});

test("who gives up while answers wait is served again afterwards", async () => {
  await using network = new TestNetwork();
  const { a } = await bigAnswers(network);
  const controller = new AbortController();
  const { signal } = controller;
  const endings = Promise.allSettled(
    Array.from({ length: 12 }, () => a.call("b", "big", BIG, { signal })),
  );
  network.faults.freeze("b");
  await settle();
  controller.abort();
  const codes = (await endings).map((ending) => ending.status === "rejected" && ending.reason.code);
  expect(new Set(codes)).toEqual(new Set(["ABORTED"]));
  network.faults.thaw("b");
  const again = a.executeRemoteTool<Uint8Array>("b", "big", BIG);
  expect((await network.until(again)).byteLength).toBe(BIG);
});

test("a result that is too large is a failure that says so", async () => {
  await using network = new TestNetwork();
  const { a } = await bigAnswers(network);
  await expect(network.until(a.executeRemoteTool("b", "big", 2_000_000))).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
});
