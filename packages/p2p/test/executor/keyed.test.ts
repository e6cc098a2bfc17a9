import { ConnectionError, NetworkError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { hashArgs } from "../../src/ledger/args-hash.ts";
import { ResultLedger } from "../../src/ledger/result-ledger.ts";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";
import { busy, type SimPeer, work } from "./sim-network.ts";
import { Simulation } from "./simulation.ts";

const idempotencyKey = "order 1";
const never = (): Promise<Outcome> => new Promise(() => {});

/** Two peers, of which only the first answers at first, whose tool may not run twice. */
function twoPeers() {
  const sim = new Simulation();
  const [one, two] = sim.peers("one", "two") as [SimPeer, SimPeer];
  for (const peer of [one, two]) peer.idempotent = false;
  two.state = "suspect";
  return { sim, one, two };
}

test("a call whose answer was lost is asked for again at the same peer, and ran once", async () => {
  const { sim, one, two } = twoPeers();
  const call = sim.execute({ idempotencyKey }, { ms: 50 });
  await sim.clock.advance(10);
  one.flap();

  expect(await sim.after(40, call)).toMatchObject({ value: "one", executedOn: "one", attempts: 2 });
  expect([one.runs, two.runs]).toEqual([["work order 1"], []]);
  expect(sim.executor.getStats()).toMatchObject({ retries: 1, failovers: 0 });
});

test("an answer that is lost again and again is asked for again and again", async () => {
  const { sim, one } = twoPeers();
  one.losesAnswers = true;
  const call = sim.execute({ idempotencyKey });
  expect(await sim.after(5_000, call)).toBe("pending");
  one.losesAnswers = false;

  expect(await sim.after(2_000, call)).toMatchObject({ executedOn: "one" });
  expect(one.runs).toHaveLength(1);
});

test("without a key, or at a peer of which nobody knows whether it was started anew, nothing is asked", async () => {
  const { sim, one } = twoPeers();
  one.losesAnswers = true;
  expect(await sim.execute()).toBe("OUTCOME_UNKNOWN");
  sim.network.incarnation = () => undefined;

  expect(await sim.execute({ idempotencyKey })).toBe("OUTCOME_UNKNOWN");
  expect(one.runs).toHaveLength(2);
});

test("a peer that was started anew has forgotten the call: it is not run again", async () => {
  const { sim, one, two } = twoPeers();
  one.handler = never;
  const call = sim.execute({ idempotencyKey });
  await settle();
  one.restart();

  expect(await call).toBe("OUTCOME_UNKNOWN");
  expect(await sim.execute({ idempotencyKey })).toBe("OUTCOME_UNKNOWN");
  expect([one.runs.length, two.runs.length]).toEqual([1, 0]);
});

test("a peer that stays away is waited for until the deadline, or for half a minute", async () => {
  const { sim, one, two } = twoPeers();
  one.handler = never;
  two.state = "alive";
  one.state = "alive";
  two.reachable = false;
  const calls = [{ deadlineMs: 5_000 }, {}].map((options, index) =>
    sim.execute({ ...options, idempotencyKey: `order ${index}` }),
  );
  await settle();
  two.reachable = true;
  one.die();

  const [short, long] = calls as [Promise<string>, Promise<string>];
  expect(await sim.after(4_999, short)).toBe("pending");
  expect(await sim.after(1, short)).toBe("OUTCOME_UNKNOWN");
  expect(await sim.after(20_000, long)).toBe("pending");
  expect(await sim.after(5_000, long)).toBe("OUTCOME_UNKNOWN");
  expect(two.runs).toEqual([]);
});

test("a peer that comes back in time gives the result", async () => {
  const { sim, one } = twoPeers();
  const call = sim.execute({ idempotencyKey }, { ms: 100 });
  await settle();
  one.die();
  expect(await sim.after(8_000, call)).toBe("pending");
  one.thaw();

  expect(await sim.after(2_000, call)).toMatchObject({ executedOn: "one" });
  expect(one.runs).toHaveLength(1);
});

test("what a peer says when it is asked again, short of a result, does not send the call elsewhere", async () => {
  const { sim, one, two } = twoPeers();
  const lost = failure("lost", new ConnectionError("x", { code: "CONNECTION_LOST" }));
  const refused = failure("not-run", new NetworkError("PERMISSION_DENIED", "x"));
  const invoke = sim.network.invoke.bind(sim.network);
  const answers: Outcome[] = [lost, busy, busy];
  sim.network.invoke = async (...call) => answers.shift() ?? (await invoke(...call));
  expect(await sim.after(5_000, sim.execute({ idempotencyKey }))).toMatchObject({
    ...{ executedOn: "one", attempts: 4 },
  });
  answers.push(lost, refused);
  two.state = "alive";
  one.state = "suspect";

  expect(await sim.execute({ idempotencyKey: "order 2" })).toBe("OUTCOME_UNKNOWN");
  expect([one.runs, two.runs]).toEqual([["work order 1"], []]);
});

test("a call that certainly did not run goes to another peer, and its key with it", async () => {
  const { sim, one, two } = twoPeers();
  one.handler = () => busy;

  expect(await sim.execute({ idempotencyKey })).toMatchObject({ executedOn: "two", attempts: 2 });
  one.handler = work;
  expect(await sim.execute({ idempotencyKey })).toMatchObject({ executedOn: "two", attempts: 1 });
  expect(two.runs).toEqual(["work order 1"]);
});

test("who agrees that it may run once on each peer gets a result from the next one", async () => {
  const { sim, one, two } = twoPeers();
  one.losesAnswers = true;
  two.state = "alive";
  one.state = "alive";
  const { peerId } = two;
  const options = { idempotencyKey, failover: "unknown" } as const;
  for (let order = 0; order < 4; order++) {
    const call = sim.execute({ ...options, idempotencyKey: `order ${order}` });
    expect(await call).toMatchObject({ executedOn: peerId });
  }
  await expect(sim.executor.execute("work", {}, {}, { failover: "unknown" })).rejects.toThrow(
    "needs an idempotencyKey",
  );
});

test("the same key goes to the same peer again, which answers from its ledger", async () => {
  const { sim, one, two } = twoPeers();
  two.state = "alive";
  for (let call = 0; call < 10; call++) await sim.execute({ idempotencyKey });

  expect(one.runs.length + two.runs.length).toBe(1);
  await sim.clock.advance(600_000);
  expect(await sim.execute({ idempotencyKey })).toMatchObject({ attempts: 1 });
  expect(one.runs.length + two.runs.length).toBe(2);
});

test("a call that took long is known at its peer for as long as any other, counted from its end", async () => {
  const { sim, one, two } = twoPeers();
  const call = sim.execute({ idempotencyKey }, { ms: 1_200_000 });
  expect(await sim.after(1_200_000, call)).toMatchObject({ executedOn: "one" });
  two.state = "alive";
  one.state = "suspect";
  await sim.clock.advance(500_000);

  expect(await sim.execute({ idempotencyKey }, { ms: 1_200_000 })).toMatchObject({
    executedOn: "one",
  });
  expect([one.runs.length, two.runs.length]).toEqual([1, 0]);
});

test("calls with the same key go one after the other, so that the second follows the first", async () => {
  const { sim, one, two } = twoPeers();
  one.handler = async () => {
    await one.work(100);
    return busy;
  };
  const calls = [sim.execute({ idempotencyKey }), sim.execute({ idempotencyKey })];
  await sim.clock.advance(1_000);

  expect(await Promise.all(calls)).toMatchObject([{ executedOn: "two" }, { executedOn: "two" }]);
  expect(two.runs).toEqual(["work order 1"]);
});

test("one who waits for its turn can give up, and the next one's turn comes all the same", async () => {
  const { sim } = twoPeers();
  const [first, second, third] = [undefined, 50, undefined].map((deadlineMs) =>
    sim.execute({ idempotencyKey, deadlineMs }, { ms: 100 }),
  ) as [Promise<string>, Promise<string>, Promise<string>];

  expect(await sim.after(50, second)).toBe("DEADLINE_EXCEEDED");
  expect(await sim.after(50, third)).toMatchObject({ executedOn: "one" });
  expect(await first).toMatchObject({ executedOn: "one" });
});

test("the same key with other arguments is a conflict", async () => {
  const { sim, one } = twoPeers();
  await sim.execute({ idempotencyKey }, { ms: 0 });

  expect(await sim.execute({ idempotencyKey }, { ms: 1 })).toBe("CONFLICT");
  expect(one.runs).toHaveLength(1);
});

test("this process keeps a ledger too", async () => {
  const sim = new Simulation();
  let runs = 0;
  sim.tools.register({ name: "work" }, () => ++runs);
  for (let call = 0; call < 3; call++) {
    expect(await sim.execute({ idempotencyKey })).toMatchObject({ value: 1, executedOn: "caller" });
  }

  expect(await sim.execute({ idempotencyKey }, { ms: 1 })).toBe("CONFLICT");
  expect(await sim.execute({ idempotencyKey: "x" }, () => {})).toBe("INVALID_ARGUMENT");
  expect(runs).toBe(1);
});

test("what others' calls ran here by key is not run again for this process, if the owner is the same", async () => {
  const sim = new Simulation();
  let runs = 0;
  sim.tools.register({ name: "work" }, () => ++runs);
  const ledger = new ResultLedger({ clock: sim.clock });
  Object.assign(sim.network, { ledger, owner: "ann" });
  const call = { owner: "ann", tool: "work", key: idempotencyKey, argsHash: hashArgs({}) };
  await ledger.run(call, {}, async () => success("ran for ann's phone"));

  expect(await sim.execute({ idempotencyKey })).toMatchObject({ value: "ran for ann's phone" });
  sim.network.owner = "bob";
  expect(await sim.execute({ idempotencyKey })).toMatchObject({ value: 1 });
});

test("a key is a name", async () => {
  const sim = new Simulation();

  expect(await sim.execute({ idempotencyKey: "" })).toBe("INVALID_ARGUMENT");
  expect(await sim.execute({ failover: "always" as never })).toBe("INVALID_ARGUMENT");
});
