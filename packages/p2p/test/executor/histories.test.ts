import { RemoteError } from "@net/core";
import { settle } from "@net/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../../src/tools/outcome.ts";
import { busy, type SimPeer, work } from "./sim-network.ts";
import { type Ending, Simulation } from "./simulation.ts";

// Two peers, whose tool may not run twice, and everything that can happen to calls on the way there and back.

/** By key: a key is for one call, whose arguments are always the same. */
const durations: Readonly<Record<string, number>> = { a: 0, b: 50, c: 500 };

/** What is refused did not run. */
const refuse: SimPeer["handler"] = (_call, peer) => {
  peer.runs.pop();
  return busy;
};
const fail: SimPeer["handler"] = async ({ signal }, peer) => {
  await peer.work(20, signal);
  return failure("failed", new RemoteError("boom"));
};

const faults = {
  flap: (peer: SimPeer) => peer.flap(),
  loseAnswers: (peer: SimPeer): void => {
    peer.losesAnswers = true;
  },
  keepAnswers: (peer: SimPeer): void => {
    peer.losesAnswers = false;
  },
  freeze: (peer: SimPeer) => peer.freeze(),
  thaw: (peer: SimPeer) => peer.thaw(),
  restart: (peer: SimPeer) => peer.restart(),
  suspect: (peer: SimPeer) => peer.suspect(),
  refuse: (peer: SimPeer): void => {
    peer.handler = refuse;
  },
  accept: (peer: SimPeer): void => {
    peer.handler = work;
  },
  fail: (peer: SimPeer): void => {
    peer.handler = fail;
  },
};

type Step =
  | {
      readonly do: "call";
      readonly key: string;
      readonly deadlineMs: number;
      readonly times: number;
    }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "fault"; readonly peer: 0 | 1; readonly fault: keyof typeof faults }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      key: fc.constantFrom(...Object.keys(durations)),
      deadlineMs: fc.constantFrom(30, 1_000, 20_000),
      times: fc.constantFrom(1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("fault" as const),
      peer: fc.constantFrom(0 as const, 1 as const),
      fault: fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[])),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 20, 300, 3_000, 12_000),
    }),
  },
);

/** Calls, and the deadline by which each must be settled. */
class Histories {
  readonly sim: Simulation = new Simulation();
  readonly peers: SimPeer[] = this.sim.peers("one", "two");
  readonly calls: {
    readonly untilMs: number;
    readonly cancel: AbortController;
    ending?: Ending;
  }[] = [];

  constructor() {
    for (const peer of this.peers) peer.idempotent = false;
  }

  async take(next: Step): Promise<void> {
    if (next.do === "call") this.#callTimes(next.times, next.key, next.deadlineMs);
    else if (next.do === "wait") await this.sim.clock.advance(next.ms);
    else if (next.do === "cancel")
      this.calls[next.which % Math.max(1, this.calls.length)]?.cancel.abort();
    else faults[next.fault](this.peers[next.peer] as SimPeer);
    await settle();
    const nowMs = this.sim.clock.monotonicMs();
    const late = this.calls.filter(({ untilMs, ending }) => untilMs < nowMs && !ending);
    expect(late).toEqual([]);
  }

  /** How often each key ran, at whichever peer. */
  runs(): Map<string, number> {
    const ran = new Map<string, number>();
    for (const { runs } of this.peers) {
      for (const run of runs) ran.set(run, (ran.get(run) ?? 0) + 1);
    }
    return ran;
  }

  #callTimes(times: number, key: string, deadlineMs: number): void {
    for (let time = 0; time < times; time++) this.#call(key, deadlineMs);
  }

  #call(idempotencyKey: string, deadlineMs: number): void {
    const cancel = new AbortController();
    const untilMs = this.sim.clock.monotonicMs() + deadlineMs;
    const call: (typeof this.calls)[number] = { untilMs, cancel };
    this.calls.push(call);
    const options = { idempotencyKey, deadlineMs, signal: cancel.signal };
    const ms = durations[idempotencyKey] ?? 0;
    void this.sim.execute(options, { ms }).then((ending) => {
      call.ending = ending;
    });
  }
}

test("whatever happens on the way, a keyed call runs at most once, and every call settles by its deadline", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const histories = new Histories();
      for (const next of steps) await histories.take(next);
      for (const peer of histories.peers) peer.thaw();
      await histories.take({ do: "wait", ms: 30_000 });

      expect(histories.calls.filter(({ ending }) => ending === undefined)).toEqual([]);
      expect([...histories.runs()].filter(([, count]) => count > 1)).toEqual([]);
    }),
    { numRuns: Number(process.env.RUNS ?? 60), seed: 7 },
  );
});
