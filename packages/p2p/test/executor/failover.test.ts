import { ConnectionError, NetworkError, PermissionError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";
import { busy, DEAD_AFTER, type SimPeer, SUSPECT_AFTER, work } from "./sim-network.ts";
import { Simulation } from "./simulation.ts";

/** Takes the call and never ends it. */
const never = (): Promise<Outcome> => new Promise(() => {});

/** The peer that got the call first, and the other one. */
function order(one: SimPeer, two: SimPeer): [first: SimPeer, second: SimPeer] {
  return one.runs.length > 0 ? [one, two] : [two, one];
}

async function twoPeers(idempotent = true) {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  for (const peer of [one, two]) Object.assign(peer, { idempotent, handler: never });
  return { sim, one, two };
}

test("an idempotent call leaves a peer as soon as it is suspected, long before it is dead", async () => {
  const { sim, one, two } = await twoPeers();
  const call = sim.execute();
  await settle();
  const [first, second] = order(one, two);
  second.handler = work;
  first.freeze();

  expect(await sim.after(SUSPECT_AFTER - 1, call)).toBe("pending");
  const { peerId } = second;
  expect(await sim.after(1, call)).toEqual({ value: peerId, executedOn: peerId, attempts: 2 });
  expect(sim.executor.getStats()).toMatchObject({ failovers: 1, running: 0, succeeded: 1 });
});

test("a suspected peer that answers after all is as good as the one that took its place", async () => {
  const { sim, one, two } = await twoPeers();
  let answer: (outcome: Outcome) => void = () => {};
  const late = (): Promise<Outcome> => new Promise((resolve) => (answer = resolve));
  for (const peer of [one, two]) peer.handler = late;
  const call = sim.execute();
  await settle();
  const [first, second] = order(one, two);
  const fromFirst = answer;
  second.handler = never;
  first.suspect();
  await settle();
  expect(second.runs).toHaveLength(1);
  fromFirst(success("late"));

  expect(await call).toMatchObject({ value: "late", executedOn: first.peerId, attempts: 2 });
});

test("a call that may not run twice stays at a suspected peer, and is unknown once that is dead", async () => {
  const { sim, one, two } = await twoPeers(false);
  const call = sim.execute();
  await settle();
  const [first, second] = order(one, two);
  first.freeze();

  expect(await sim.after(DEAD_AFTER - 1, call)).toBe("pending");
  expect(await sim.after(1, call)).toBe("OUTCOME_UNKNOWN");
  expect(second.runs).toEqual([]);
});

test("half-way to the deadline an idempotent call is given to another peer too, if that may be in time", async () => {
  const { sim, one, two } = await twoPeers();
  for (const peer of [one, two]) peer.handler = work;
  for (let call = 0; call < 20; call++) await sim.after(20, sim.execute({}, { ms: 20 }));
  for (const peer of [one, two]) Object.assign(peer, { runs: [] });
  const call = sim.execute({ deadlineMs: 1_000 }, { ms: 20 });
  await settle();
  const [first, second] = order(one, two);
  first.freeze();

  expect(await sim.after(499, call)).toBe("pending");
  expect(await sim.after(21, call)).toMatchObject({ executedOn: second.peerId, attempts: 2 });
  expect(await sim.after(30, sim.execute({ deadlineMs: 30 }, { ms: 50 }))).toBe(
    "DEADLINE_EXCEEDED",
  );
  expect(first.runs.length + second.runs.length).toBe(3);
});

test("a call goes to no peer that is suspected while another one answers", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  one.state = "suspect";
  for (let call = 0; call < 20; call++) await sim.execute();
  expect([one.runs.length, two.runs.length]).toEqual([0, 20]);
  two.state = "busy";
  await sim.execute();
  expect([one.runs.length, two.runs.length]).toEqual([0, 21]);
  two.state = "dead";

  expect(await sim.execute()).toMatchObject({ executedOn: "one" });
});

test("a busy answer sends the call elsewhere at once, and is not held against the peer for long", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  one.handler = () => busy;
  const endings = [];
  for (let call = 0; call < 40; call++) endings.push(await sim.execute());

  expect(endings.filter((ending) => typeof ending === "string")).toEqual([]);
  expect(two.runs).toHaveLength(40);
  expect(one.runs).toHaveLength(1);
  expect(sim.executor.getStats().peers.one).toMatchObject({ circuit: "closed", inFlight: 0 });
  await sim.clock.advance(200);
  one.handler = work;
  for (let call = 0; call < 20; call++) await sim.execute();
  expect(one.runs.length).toBeGreaterThan(5);
});

test("when no peer can be used, this process does it, if it can", async () => {
  const sim = new Simulation();
  const [one] = sim.peers("one") as [SimPeer];
  one.handler = () => failure("not-run", new ConnectionError("no way"));
  sim.tools.register({ name: "work" }, () => "here");
  const endings = [];
  for (let call = 0; call < 10; call++) endings.push(await sim.execute({ preferLocal: false }));

  for (const ending of endings)
    expect(ending).toMatchObject({ value: "here", executedOn: "caller" });
});

test("a peer that keeps losing calls gets none for a while, and then one to see whether it is well", async () => {
  const sim = new Simulation({ breaker: { minimumCalls: 4, openFor: 10_000 } });
  const [one] = sim.peers("one") as [SimPeer];
  one.handler = () => failure("not-run", new ConnectionError("no way"));
  for (let call = 0; call < 4; call++) expect(await sim.execute()).toBe("CONNECTION_FAILED");

  expect(await sim.execute()).toBe("CIRCUIT_OPEN");
  expect(sim.executor.getStats().peers.one?.circuit).toBe("open");
  one.handler = work;
  await sim.clock.advance(10_000);
  expect(await sim.execute()).toMatchObject({ executedOn: "one" });
  expect(sim.executor.getStats().peers.one?.circuit).toBe("closed");
});

test("while one call finds out whether a peer is well again, no other one goes there", async () => {
  const sim = new Simulation({ breaker: { minimumCalls: 1, openFor: 10_000 } });
  const [one] = sim.peers("one") as [SimPeer];
  one.handler = () => failure("not-run", new ConnectionError("no way"));
  await sim.execute();
  one.handler = never;
  await sim.clock.advance(10_000);
  const probe = sim.execute({ deadlineMs: 1_000 });
  await settle();

  expect(await sim.execute()).toBe("CIRCUIT_OPEN");
  expect(sim.executor.getStats().peers.one).toMatchObject({ inFlight: 1, circuit: "half-open" });
  expect(await sim.after(1_000, probe)).toBe("DEADLINE_EXCEEDED");
  one.handler = work;
  expect(await sim.execute()).toMatchObject({ executedOn: "one" });
});

test("what a lost call of an idempotent tool may do twice, another peer's tool of that name may not", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  two.idempotent = false;
  two.state = "suspect";
  one.handler = () => failure("lost", new ConnectionError("x", { code: "CONNECTION_LOST" }));

  expect(await sim.execute()).toBe("CONNECTION_LOST");
  expect(two.runs).toEqual([]);
});

test("once all peers have refused, the message type's policy says how often and when they are asked anew", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  for (const peer of [one, two]) peer.handler = () => busy;
  expect(await sim.execute()).toBe("OVERLOADED");
  sim.network.retryPolicy = () => ({ maxRetries: 2, backoff: "fixed", initialDelay: 1_000 });
  expect(await sim.after(5_000, sim.execute())).toBe("OVERLOADED");
  expect([one.runs.length, two.runs.length]).toEqual([4, 4]);
  const call = sim.execute();
  await settle();
  one.handler = work;

  expect(await sim.after(5_000, call)).toMatchObject({ executedOn: "one" });
  expect(sim.executor.getStats().retries).toBe(3);
});

test("no call is begun anew beyond the budget, or the deadline, or before the time a peer asked for", async () => {
  let tokens = 0;
  const retryBudget = { tryTake: () => tokens-- > 0, giveBack: () => {} };
  const sim = new Simulation({ retryBudget });
  const [one] = sim.peers("one") as [SimPeer];
  const details = { retryAfterMs: 3_000 };
  one.handler = () => failure("not-run", new NetworkError("OVERLOADED", "later", { details }));
  sim.network.retryPolicy = () => ({ maxRetries: 9, backoff: "fixed", initialDelay: 1 });

  expect(await sim.execute()).toBe("OVERLOADED");
  tokens = 1;
  expect(await sim.execute({ deadlineMs: 3_000 })).toBe("OVERLOADED");
  expect(await sim.after(2_999, sim.execute())).toBe("pending");
  expect(await sim.after(1, never() as never)).toBe("pending");
  expect(one.runs).toHaveLength(4);
});

test("who may not do it is not asked anew", async () => {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  one.handler = () => failure("not-run", new PermissionError("no"));
  two.handler = () => busy;
  sim.network.retryPolicy = () => ({ maxRetries: 3, backoff: "fixed", initialDelay: 1 });
  await sim.after(1_000, sim.execute());

  expect([one.runs.length, two.runs.length]).toEqual([1, 4]);
});

test("many lost at the same time go on as far as the budget allows", async () => {
  let taken = 0;
  const retryBudget = { tryTake: () => ++taken <= 0, giveBack: () => {} };
  const sim = new Simulation({ retryBudget });
  const peers = sim.peers("one", "two", "three");
  for (const peer of peers) {
    peer.handler = () => failure("lost", new ConnectionError("x", { code: "CONNECTION_LOST" }));
  }

  expect(await sim.execute()).toBe("CONNECTION_LOST");
  expect(peers.reduce((sum, { runs }) => sum + runs.length, 0)).toBe(2);
});
