import { RemoteError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { HedgeOptions } from "../../src/executor/execution.ts";
import { Hedging } from "../../src/executor/hedging.ts";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";
import { busy, type SimPeer, work } from "./sim-network.ts";
import { Simulation } from "./simulation.ts";

const always: HedgeOptions = { after: 50, budget: 1 };
const never = (): Promise<Outcome> => new Promise(() => {});

/** A call that the first peer takes long for, and the other peer, which will be asked second. */
async function slowCall(hedge: HedgeOptions | boolean = always) {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  const cancelled: string[] = [];
  for (const peer of [one, two]) {
    peer.handler = ({ signal }) =>
      new Promise((resolve) => {
        signal?.addEventListener("abort", () => cancelled.push(peer.peerId));
        sim.clock.setTimeout(() => resolve(success(peer.peerId)), 1_000);
      });
  }
  const call = sim.execute({ hedge });
  await settle();
  const [first, second] = one.runs.length > 0 ? [one, two] : [two, one];
  return { sim, call, first, second, cancelled };
}

test("a call that takes long is given to a second peer; the quicker one wins, and the other is cancelled", async () => {
  const { sim, call, first, second, cancelled } = await slowCall();
  second.handler = work;
  expect(await sim.after(49, call)).toBe("pending");

  const { peerId } = second;
  expect(await sim.after(1, call)).toEqual({ value: peerId, executedOn: peerId, attempts: 2 });
  expect(cancelled).toEqual([first.peerId]);
  expect(sim.executor.getStats()).toMatchObject({ hedges: 1, hedgesWon: 1, failovers: 0 });
  expect(Object.values(sim.executor.getStats().peers)).toMatchObject([
    { inFlight: 0 },
    { inFlight: 0 },
  ]);
});

test("a hedge that is refused, or fails, leaves the first one its chance", async () => {
  for (const answer of [busy, failure("failed", new RemoteError("boom"))]) {
    const { sim, call, first, second } = await slowCall();
    second.handler = () => answer;

    expect(await sim.after(1_000, call)).toMatchObject({ executedOn: first.peerId, attempts: 2 });
    expect(sim.executor.getStats()).toMatchObject({ hedges: 1, hedgesWon: 0 });
  }
});

test("when both fail, the tool's own failure is told", async () => {
  const { sim, call, first, second } = await slowCall();
  second.handler = () => failure("failed", new RemoteError("boom"));
  first.die();

  expect(await sim.after(1_000, call)).toBe("REMOTE_ERROR");
});

test("a call that may not run twice is not hedged", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  for (const peer of [one, two]) Object.assign(peer, { idempotent: false, handler: never });
  void sim.execute({ hedge: always });
  void sim.execute({ hedge: always, idempotencyKey: "order 1" });
  await sim.clock.advance(1_000);

  expect(sim.executor.getStats().hedges).toBe(0);
  void sim.execute({ hedge: always, idempotencyKey: "order 2", failover: "unknown" });
  await sim.clock.advance(1_000);
  expect(sim.executor.getStats().hedges).toBe(1);
  expect(one.runs.length + two.runs.length).toBe(4);
});

test("by itself it waits for as long as 95 % of the tool's calls took, and hedges at most 5 %", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  let calls = 0;
  for (const peer of [one, two]) {
    peer.handler = async () => {
      const isSlow = ++calls % 10 === 0;
      await new Promise<void>((resolve) => sim.clock.setTimeout(resolve, isSlow ? 200 : 20));
      return success(peer.peerId);
    };
  }
  for (let call = 0; call < 400; call++) await sim.after(250, sim.execute({ hedge: true }));

  const { hedges, succeeded } = sim.executor.getStats();
  expect(succeeded).toBe(400);
  expect(hedges).toBeGreaterThan(10);
  expect(hedges).toBeLessThanOrEqual(20);
});

test("what is saved up for hedges does not grow without end", () => {
  const hedging = new Hedging();
  for (let call = 0; call < 10_000; call++) hedging.begin("work", true);
  let taken = 0;
  while (hedging.tryTake()) taken += 1;

  expect(taken).toBe(10);
});

test("before there is enough to go by, no time is guessed", () => {
  const hedging = new Hedging();
  for (let call = 1; call <= 19; call++) hedging.record("work", call);
  expect(hedging.begin("work", true)).toBeUndefined();
  hedging.record("work", 20);

  expect(hedging.begin("work", true)).toBe(19);
  expect(hedging.begin("work", { after: 5 })).toBe(5);
  expect(hedging.begin("work", false)).toBeUndefined();
  expect(hedging.begin("other", true)).toBeUndefined();
});

test("options that make no sense are refused", async () => {
  const sim = new Simulation();

  expect(await sim.execute({ hedge: { after: -1 } })).toBe("INVALID_ARGUMENT");
  expect(await sim.execute({ hedge: { budget: 2 } })).toBe("INVALID_ARGUMENT");
  expect(sim.executor.getStats().started).toBe(0);
});
