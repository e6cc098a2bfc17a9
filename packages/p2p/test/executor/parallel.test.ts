import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { success } from "../../src/tools/outcome.ts";
import type { SimPeer } from "./sim-network.ts";
import { Simulation } from "./simulation.ts";

const requests = Array.from({ length: 6 }, (_, n) => ({
  toolName: "work",
  params: { n, ms: 100 },
}));

/** One peer that does one call at a time, of 100 ms each. */
function onePeer(): { sim: Simulation; one: SimPeer } {
  const sim = new Simulation();
  const [one] = sim.peers("one") as [SimPeer];
  return { sim, one };
}

test("aborting all of them ends each with its own result, and begins none", async () => {
  const { sim, one } = onePeer();
  const controller = new AbortController();
  const { signal } = controller;
  const all = sim.executor.executeParallel(requests, { concurrency: 2, signal });
  await sim.clock.advance(150);
  controller.abort();
  const results = await all;
  await settle();

  expect(results.map((result) => result.ok || result.error.code)).toEqual([
    ...[true, "ABORTED", "ABORTED", "ABORTED", "ABORTED", "ABORTED"],
  ]);
  expect(one.runs).toHaveLength(3);
});

test("a deadline is for all of them together", async () => {
  const { sim, one } = onePeer();
  const all = sim.executor.executeParallel(requests, { concurrency: 1, deadlineMs: 250 });
  await sim.clock.advance(250);

  expect((await all).map((result) => result.ok || result.error.code)).toEqual([
    ...[true, true, ...Array.from({ length: 4 }, () => "DEADLINE_EXCEEDED")],
  ]);
  await settle();
  expect(one.runs).toHaveLength(3);
});

test("each may have a key of its own", async () => {
  const { sim, one } = onePeer();
  one.idempotent = false;
  const keyed = ["a", "b", "a"].map((idempotencyKey) => ({
    ...{ toolName: "work", params: {}, idempotencyKey },
  }));
  const results = await sim.executor.executeParallel(keyed);

  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(one.runs.sort()).toEqual(["work a", "work b"]);
});

test("calls that are begun together see each other: none is the best for all", async () => {
  const sim = new Simulation();
  const peers = sim.peers("one", "two", "three", "four");
  for (const peer of peers) peer.slots = 8;
  // One of them was a little quicker so far.
  for (const peer of peers) {
    const call = sim.network.quality.start(peer.peerId, "work");
    await sim.clock.advance(peer.peerId === "two" ? 9 : 10);
    call.end(success(1));
  }
  const all = sim.executor.executeParallel([...requests, ...requests], { concurrency: 12 });
  await sim.clock.advance(10_000);

  expect((await all).every(({ ok }) => ok)).toBe(true);
  expect(peers.map(({ runs }) => runs.length)).toEqual([3, 3, 3, 3]);
});

test("a request that is none fails alone, and says which it is", async () => {
  const { sim } = onePeer();
  const good = { toolName: "work", params: {} };
  const wrong = [null, 5, {}, { toolName: 7, params: {} }] as unknown as (typeof good)[];
  const results = await sim.executor.executeParallel([good, ...wrong, good]);

  expect(results.map((result) => result.ok || result.error.code)).toEqual([
    ...[true, ...wrong.map(() => "INVALID_ARGUMENT"), true],
  ]);
  expect(results[1]).toMatchObject({
    error: { message: "requests[1] must be an object, as { toolName, params }" },
  });
  expect(results[4]).toMatchObject({
    error: { message: expect.stringContaining("requests[4].toolName must be") },
  });
});

test("requests that are no list are refused", async () => {
  const { sim } = onePeer();
  const all = sim.executor.executeParallel({ toolName: "work" } as never);

  await expect(all).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
