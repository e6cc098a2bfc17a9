import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { RelayQuota } from "../../src/relay/relay-quota.ts";
import { TestNetwork } from "../support/test-network.ts";

const fail = (error: unknown): void => {
  throw error;
};

test("what comes faster than the quota waits, in its order", async () => {
  const clock = new FakeClock();
  const quota = new RelayQuota({ bytesPerSecond: 1_000, framesPerSecond: 1_000, clock });
  const passed: number[] = [];
  for (let n = 0; n < 10; n++) quota.pass("a", 100, () => passed.push(n), fail);

  // A quarter of a second's worth at once, then a hundred bytes every 100 ms.
  expect(passed).toEqual([0, 1]);
  await clock.advance(500);
  expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6]);
  await clock.advance(10_000);
  expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(clock.pending).toBe(0);
});

test("many small frames are as limited as few large ones", async () => {
  const clock = new FakeClock();
  const quota = new RelayQuota({ bytesPerSecond: 1_000_000, framesPerSecond: 8, clock });
  const passed: number[] = [];
  for (let n = 0; n < 10; n++) quota.pass("a", 1, () => passed.push(n), fail);

  expect(passed).toHaveLength(2);
  await clock.advance(1_000);
  expect(passed).toHaveLength(10);
});

test("each neighbour has a quota of its own", () => {
  const quota = new RelayQuota({
    bytesPerSecond: 1_000,
    framesPerSecond: 1_000,
    clock: new FakeClock(),
  });
  const passed: string[] = [];
  for (const neighbour of ["a", "a", "a", "a", "b"]) {
    quota.pass(neighbour, 100, () => passed.push(neighbour), fail);
  }

  expect(passed).toEqual(["a", "a", "b"]);
});

test("what fails later is told, and those after it go on", async () => {
  const clock = new FakeClock();
  const quota = new RelayQuota({ bytesPerSecond: 1_000, framesPerSecond: 1_000, clock });
  const heard: unknown[] = [];
  quota.pass("a", 250, () => {}, fail);
  const lost = new Error("no link");
  quota.pass(
    "a",
    100,
    () => {
      throw lost;
    },
    (error) => heard.push(error),
  );
  quota.pass("a", 100, () => heard.push("passed"), fail);
  await clock.advance(1_000);

  expect(heard).toEqual([lost, "passed"]);
});

test("of a neighbour that is gone nothing more is passed on, and no timer is left", async () => {
  const clock = new FakeClock();
  const quota = new RelayQuota({ bytesPerSecond: 1_000, framesPerSecond: 1_000, clock });
  const passed: number[] = [];
  for (let n = 0; n < 5; n++) quota.pass("a", 250, () => passed.push(n), fail);
  quota.forget("a");
  await clock.advance(60_000);

  expect(passed).toEqual([0]);
  expect(clock.pending).toBe(0);
});

test("a relay slows down whoever sends too much, and loses nothing of it", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = [
    await net.peer("a"),
    await net.peer("b", { relay: true, limits: { relayBytesPerSecond: 100_000 } }),
    await net.peer("c"),
  ];
  await a.connect("memory:b");
  await b.connect("memory:c");
  c.registerTool({ name: "size" }, (bytes) => (bytes as Uint8Array).byteLength);
  await net.calm();
  const startMs = net.clock.monotonicMs();
  const size = await net.until(a.executeRemoteTool("c", "size", new Uint8Array(500_000)));

  expect(size).toBe(500_000);
  expect(net.clock.monotonicMs() - startMs).toBeGreaterThan(4_000);
});
