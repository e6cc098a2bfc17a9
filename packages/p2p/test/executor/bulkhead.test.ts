import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Bulkhead } from "../../src/executor/bulkhead.ts";
import type { SimPeer } from "./sim-network.ts";
import { Simulation } from "./simulation.ts";

const { signal } = new AbortController();

test("a peer takes so many and no more", () => {
  const bulkhead = new Bulkhead({ maxPerPeer: 2, maxWaiting: 1 });
  for (const peerId of ["a", "a", "b"]) bulkhead.enter(peerId);

  expect([bulkhead.hasRoom("a"), bulkhead.hasRoom("b"), bulkhead.hasRoom("c")]).toEqual([
    ...[false, true, true],
  ]);
  bulkhead.leave("a");
  bulkhead.leave("b");
  expect([...bulkhead.inFlight]).toEqual([["a", 1]]);
});

test("who waits longest for a peer gets the place that becomes free there", async () => {
  const bulkhead = new Bulkhead({ maxPerPeer: 1, maxWaiting: 3 });
  for (const peerId of ["a", "b"]) bulkhead.enter(peerId);
  const waits = [["b"], ["a", "b"], ["a"]].map((peers) => bulkhead.wait(new Set(peers), signal));
  bulkhead.leave("a");

  expect(await waits[1]).toBe("a");
  expect([bulkhead.hasRoom("a"), bulkhead.waiting]).toEqual([false, 2]);
  bulkhead.leave("b");
  bulkhead.leave("a");
  expect(await Promise.all(waits)).toEqual(["b", "a", "a"]);
});

test("the queue is bounded, and can be left", async () => {
  const bulkhead = new Bulkhead({ maxPerPeer: 1, maxWaiting: 1 });
  bulkhead.enter("a");
  const controller = new AbortController();
  const waiting = bulkhead.wait(new Set(["a"]), controller.signal);
  await expect(bulkhead.wait(new Set(["a"]), signal)).rejects.toMatchObject({ code: "OVERLOADED" });
  controller.abort();

  await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
  bulkhead.leave("a");
  expect([bulkhead.waiting, bulkhead.hasRoom("a")]).toEqual([0, true]);
});

test("a slow peer does not take up all calls: what it has no room for goes to the next", async () => {
  const sim = new Simulation({ maxPerPeer: 3 });
  const [slow, quick] = sim.peers("slow", "quick") as [SimPeer, SimPeer];
  slow.handler = () => new Promise(() => {});
  // So that what the slow one holds is not given to the quick one when it is late.
  slow.idempotent = false;
  quick.idempotent = false;
  const endings = Array.from({ length: 50 }, () => sim.execute({ deadlineMs: 1_000 }));
  await sim.clock.advance(1_000);

  const codes = (await Promise.all(endings)).filter((ending) => typeof ending === "string");
  expect(slow.runs.length).toBeLessThanOrEqual(3);
  expect(codes).toHaveLength(slow.runs.length);
});

test("while all are full a call waits for its place, no longer than its deadline", async () => {
  const sim = new Simulation({ maxPerPeer: 1, maxWaiting: 2 });
  sim.peers("one");
  const [running, waits, late] = [{}, {}, { deadlineMs: 50 }].map((options) =>
    sim.execute(options, { ms: 100 }),
  ) as [Promise<string>, Promise<string>, Promise<string>];
  await settle();
  expect(sim.executor.getStats().waiting).toBe(2);
  expect(await sim.execute()).toBe("OVERLOADED");

  expect(await sim.after(50, late)).toBe("DEADLINE_EXCEEDED");
  expect(await sim.after(50, running)).toMatchObject({ executedOn: "one" });
  expect(await sim.after(100, waits)).toMatchObject({ executedOn: "one" });
  expect(sim.executor.getStats()).toMatchObject({ waiting: 0, running: 0, failed: 2 });
});
