import { NetworkError, OverloadedError, RemoteError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ResultLedger } from "../../src/ledger/result-ledger.ts";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";

const TTL = 1_000;
const ends = {
  value: success("value"),
  error: failure("failed", new RemoteError("boom")),
  refused: failure("not-run", new OverloadedError("busy")),
  aborted: failure("given-up", new NetworkError("ABORTED", "x")),
};

type Step =
  | { readonly do: "call"; readonly id: string; readonly args: string }
  | { readonly do: "cancel" | "lose"; readonly which: number }
  | { readonly do: "end"; readonly which: number; readonly how: keyof typeof ends }
  | { readonly do: "wait"; readonly ms: number };

const which = fc.nat(30);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("call" as const),
    id: fc.constantFrom("ann 1", "ann 2", "bob 1"),
    args: fc.constantFrom("x", "x", "x", "y"),
  }),
  fc.record({ do: fc.constantFrom("cancel" as const, "lose" as const), which }),
  fc.record({
    do: fc.constant("end" as const),
    which,
    how: fc.constantFrom(...(Object.keys(ends) as (keyof typeof ends)[])),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 400, 1_200) }),
);

interface Run {
  readonly id: string;
  readonly end: (outcome: Outcome) => void;
  outcome: Outcome | undefined;
  endedAtMs: number;
}

interface Caller {
  readonly cancel: AbortController;
  readonly lost: AbortController;
  answer: Outcome | undefined;
}

/** Callers, runs, and the rule that is checked whenever one starts. */
class History {
  readonly clock: FakeClock = new FakeClock();
  readonly ledger: ResultLedger = new ResultLedger({ clock: this.clock, ttl: TTL });
  readonly runs: Run[] = [];
  readonly callers: Caller[] = [];

  async take(next: Step): Promise<void> {
    if (next.do === "call") this.#call(next.id, next.args);
    else if (next.do === "wait") await this.clock.advance(next.ms);
    else if (next.do === "end") this.#end(this.#running(next.which), ends[next.how]);
    else if (next.do === "cancel") this.#caller(next.which)?.cancel.abort();
    else this.#caller(next.which)?.lost.abort();
    await settle();
  }

  async finish(): Promise<void> {
    for (const run of this.runs) this.#end(run, ends.value);
    await settle();
  }

  #call(id: string, argsHash: string): void {
    const [owner = "", key = ""] = id.split(" ");
    const caller: Caller = {
      ...{ cancel: new AbortController(), lost: new AbortController(), answer: undefined },
    };
    this.callers.push(caller);
    const wait = { signal: caller.cancel.signal, lost: caller.lost.signal };
    void this.ledger
      .run({ owner, tool: "pay", key, argsHash }, wait, () => this.#start(id))
      .then((answer) => {
        caller.answer = answer;
      });
  }

  async #start(id: string): Promise<Outcome> {
    expect(this.runs.filter((run) => run.id === id && this.#stands(run))).toEqual([]);
    const { promise, resolve: end } = Promise.withResolvers<Outcome>();
    this.runs.push({ id, end, outcome: undefined, endedAtMs: 0 });
    return await promise;
  }

  /** Whether it keeps another one with its key from running. */
  #stands({ outcome, endedAtMs }: Run): boolean {
    if (!outcome) return true;
    if (outcome === ends.refused) return false;
    return this.clock.monotonicMs() - endedAtMs < TTL;
  }

  #running(index: number): Run | undefined {
    const running = this.runs.filter(({ outcome }) => !outcome);
    return running[index % Math.max(1, running.length)];
  }

  #caller(index: number): Caller | undefined {
    return this.callers[index % Math.max(1, this.callers.length)];
  }

  #end(run: Run | undefined, outcome: Outcome): void {
    if (!run || run.outcome) return;
    run.outcome = outcome;
    run.endedAtMs = this.clock.monotonicMs();
    run.end(outcome);
  }
}

test("whatever calls, retries, lost answers and cancels come in whatever order, a key runs once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const history = new History();
      for (const next of steps) await history.take(next);
      await history.finish();

      expect(history.callers.filter(({ answer }) => !answer)).toEqual([]);
      await history.clock.advance(TTL);
      expect([history.ledger.keys, history.ledger.bytes, history.clock.pending]).toEqual([0, 0, 0]);
    }),
    { numRuns: 60, seed: 3 },
  );
});
