import { NetworkError, OverloadedError, RemoteError, ValidationError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { KeyedCall } from "../../src/ledger/keyed-call.ts";
import {
  type LedgerRun,
  ResultLedger,
  type ResultLedgerOptions,
} from "../../src/ledger/result-ledger.ts";
import type { LedgerWait } from "../../src/ledger/shared-run.ts";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";

const pay: KeyedCall = { owner: "ann", tool: "pay", key: "order 1", argsHash: "x" };
const boom = new RemoteError("boom");

/** A ledger whose runs end when the test says so. */
class Desk implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly ledger: ResultLedger;
  readonly signals: AbortSignal[] = [];
  readonly ends: ((outcome: Outcome) => void)[] = [];
  #run: LedgerRun | undefined;

  constructor(options: ResultLedgerOptions = {}) {
    this.ledger = new ResultLedger({ clock: this.clock, ...options });
  }

  get runs(): number {
    return this.ends.length;
  }

  call(call: Partial<KeyedCall> = {}, wait: LedgerWait = {}): Promise<Outcome> {
    return this.ledger.run({ ...pay, ...call }, wait, (run) => {
      this.#run = run;
      this.signals.push(run.signal);
      return new Promise((resolve) => this.ends.push(resolve));
    });
  }

  /** Tells progress of the newest run. */
  progress(value: unknown): void {
    this.#run?.progress(value);
  }

  /** The newest run is one of a tool that streams. */
  stream(): void {
    this.#run?.streams();
  }

  /** Ends the newest run. */
  end(outcome: Outcome): void {
    this.ends.at(-1)?.(outcome);
  }

  [Symbol.dispose](): void {
    this.ledger.close();
    expect([this.clock.pending, this.ledger.keys, this.ledger.bytes]).toEqual([0, 0, 0]);
  }
}

test("a second call with the same key joins the first, and gets its progress from then on", async () => {
  using desk = new Desk();
  const seen: unknown[] = [];
  const first = desk.call({}, { onProgress: (value) => seen.push(`first ${value}`) });
  desk.progress(1);
  const second = desk.call({}, { onProgress: (value) => seen.push(`second ${value}`) });
  desk.progress(2);
  desk.end(success("paid"));

  expect(await Promise.all([first, second])).toEqual([success("paid"), success("paid")]);
  expect(seen).toEqual(["first 1", "first 2", "second 2"]);
  expect(desk.runs).toBe(1);
});

test.each([success("paid"), failure("failed", boom)])(
  "who comes when it has ended gets how it ended: %o",
  async (outcome) => {
    using desk = new Desk();
    const first = desk.call();
    desk.end(outcome);

    expect([await first, await desk.call()]).toEqual([outcome, outcome]);
    expect(desk.runs).toBe(1);
  },
);

test("a key is forgotten when its time is over, counted from the end, and not before", async () => {
  using desk = new Desk({ ttl: 1_000 });
  void desk.call();
  await desk.clock.advance(5_000);
  desk.end(success(1));
  await desk.clock.advance(999);
  expect(await desk.call()).toEqual(success(1));
  expect(desk.ledger.keys).toBe(1);
  await desk.clock.advance(1);

  expect([desk.ledger.keys, desk.ledger.bytes, desk.clock.pending]).toEqual([0, 0, 0]);
  void desk.call();
  expect(desk.runs).toBe(2);
});

test("keys expire one after the other, as they ended", async () => {
  using desk = new Desk({ ttl: 1_000 });
  for (const key of ["a", "b", "c"]) {
    void desk.call({ key });
    desk.end(success(key));
    await desk.clock.advance(300);
  }
  const keys: number[] = [];
  for (let round = 0; round < 4; round++) {
    keys.push(desk.ledger.keys);
    await desk.clock.advance(300);
  }

  expect(keys).toEqual([3, 2, 1, 0]);
});

test("the same key with other arguments is a conflict, while it runs and later", async () => {
  using desk = new Desk();
  const first = desk.call();
  const meanwhile = await desk.call({ argsHash: "y" });
  desk.end(success(1));
  await first;

  for (const answer of [meanwhile, await desk.call({ argsHash: "y" })]) {
    expect(answer).toMatchObject({ ok: false, fate: "not-run", error: { code: "CONFLICT" } });
  }
  expect(desk.runs).toBe(1);
});

test("another owner, another tool, another key: another call", () => {
  using desk = new Desk();
  for (const other of [{}, { owner: "bob" }, { tool: "refund" }, { key: "order 2" }]) {
    void desk.call(other);
  }

  expect(desk.runs).toBe(4);
});

test("a call that was never started may come again", async () => {
  using desk = new Desk();
  const refused = failure("not-run", new OverloadedError("busy"));
  const calls = [desk.call(), desk.call()];
  desk.end(refused);

  expect(await Promise.all(calls)).toEqual([refused, refused]);
  expect(desk.ledger.keys).toBe(0);
  void desk.call();
  expect(desk.runs).toBe(2);
});

test("one of two who gives up does not end the run of the other; the last one does", async () => {
  using desk = new Desk();
  const [ann, bob] = [new AbortController(), new AbortController()];
  const calls = [desk.call({}, { signal: ann.signal }), desk.call({}, { signal: bob.signal })];
  ann.abort();
  expect(await calls[0]).toMatchObject({ ok: false, fate: "given-up", error: { code: "ABORTED" } });
  expect(desk.signals[0]?.aborted).toBe(false);
  bob.abort();

  expect(await calls[1]).toMatchObject({ fate: "given-up" });
  expect(desk.signals[0]?.aborted).toBe(true);
});

test("what was given up while it ran is not run again: whether it took effect cannot be known", async () => {
  using desk = new Desk();
  const call = desk.call({}, { deadlineMs: 100 });
  await desk.clock.advance(100);
  expect(await call).toMatchObject({ fate: "given-up", error: { code: "DEADLINE_EXCEEDED" } });
  desk.end(failure("given-up", new NetworkError("ABORTED", "x")));
  await settle();

  expect(await desk.call()).toMatchObject({ fate: "failed", error: { code: "OUTCOME_UNKNOWN" } });
  expect(desk.runs).toBe(1);
});

test("who gives up before it began leaves nothing", async () => {
  using desk = new Desk();
  const signal = AbortSignal.abort();

  expect(await desk.call({}, { signal })).toMatchObject({ fate: "given-up" });
  expect([desk.runs, desk.ledger.keys]).toEqual([0, 0]);
});

test("a caller that is lost can come back for its result, during the run and after it", async () => {
  using desk = new Desk();
  const lost = new AbortController();
  const first = desk.call({}, { lost: lost.signal });
  lost.abort();
  expect(await first).toMatchObject({ fate: "given-up" });
  expect(desk.signals[0]?.aborted).toBe(false);
  await desk.clock.advance(1_000);
  const back = desk.call();
  desk.end(success("paid"));

  expect([await back, await desk.call()]).toEqual([success("paid"), success("paid")]);
  expect(desk.runs).toBe(1);
});

test("nobody's run is ended when its caller would have given up, or after a while", async () => {
  using desk = new Desk({ orphanTimeout: 60_000 });
  const lost = AbortSignal.abort();
  const waits: readonly [LedgerWait, number][] = [
    [{ lost, deadlineMs: 5_000 }, 5_000],
    [{ lost }, 60_000],
  ];
  for (const [index, [wait, endsMs]] of waits.entries()) {
    void desk.call({ key: `${index}` }, wait);
    await desk.clock.advance(endsMs - 1);
    expect(desk.signals[index]?.aborted).toBe(false);
    await desk.clock.advance(1);
    expect(desk.signals[index]?.aborted).toBe(true);
  }
});

test("of a result too large to keep the key is kept, and who asks again is told", async () => {
  using desk = new Desk({ maxResultBytes: 1_000 });
  const large = success("x".repeat(1_000));
  const calls = [desk.call(), desk.call()];
  desk.end(large);

  expect(await Promise.all(calls)).toEqual([large, large]);
  expect(await desk.call()).toMatchObject({
    ...{ ok: false, fate: "failed" },
    error: {
      ...{ code: "OUTCOME_UNKNOWN", retryable: false },
      details: { ran: true, succeeded: true, resultBytes: 2_016 },
    },
  });
  expect(desk.runs).toBe(1);
});

test("a full ledger refuses new keys, and still knows the old ones", async () => {
  using desk = new Desk({ maxKeys: 3, maxKeysPerOwner: 2, ttl: 1_000 });
  for (const key of ["a", "b"]) {
    void desk.call({ key });
    desk.end(success(key));
    await settle();
  }
  const full = { fate: "not-run", error: { code: "OVERLOADED" } };
  expect(await desk.call({ key: "c" })).toMatchObject(full);
  void desk.call({ owner: "bob" });
  expect(await desk.call({ owner: "carol" })).toMatchObject(full);
  expect(await desk.call({ key: "a" })).toEqual(success("a"));
  await desk.clock.advance(1_000);

  void desk.call({ key: "c" });
  expect(desk.runs).toBe(4);
});

test("results take no more bytes than allowed, of one owner and of all", async () => {
  const bytesOf = (): number => 100;
  using desk = new Desk({ maxBytes: 350, maxBytesPerOwner: 200, bytesOf });
  const answers: Outcome[] = [];
  for (const owner of ["ann", "ann", "ann", "bob", "bob", "carol"]) {
    const call = desk.call({ owner, key: `${answers.length}` });
    desk.end(success(1));
    answers.push(await call);
  }

  expect(desk.ledger.bytes).toBe(300);
  expect(answers.map((answer) => answer.ok || answer.error.code)).toEqual([
    ...[true, true, "OVERLOADED", true, true, true],
  ]);
  const again = await Promise.all(["3", "4"].map((key) => desk.call({ owner: "bob", key })));
  expect(again).toMatchObject([{ ok: true }, { error: { code: "OUTCOME_UNKNOWN" } }]);
});

test("what a tool streams only its first caller gets: others are told, and get no half of it", async () => {
  using desk = new Desk();
  const first = desk.call();
  desk.stream();
  const joined = desk.call();
  desk.end(success(1));
  const told = { fate: "failed", error: { code: "OUTCOME_UNKNOWN", details: { succeeded: true } } };

  expect(await first).toEqual(success(1));
  expect([await joined, await desk.call()]).toMatchObject([told, told]);
  expect(desk.runs).toBe(1);
});

test("a stream that never began leaves nothing either", async () => {
  using desk = new Desk();
  const refused = failure("not-run", new OverloadedError("busy"));
  const calls = [desk.call(), desk.call()];
  desk.stream();
  desk.end(refused);

  expect(await Promise.all(calls)).toEqual([refused, refused]);
  expect(desk.ledger.keys).toBe(0);
});

test("a run that throws is a failure that is not repeated", async () => {
  using desk = new Desk();
  const broken = desk.ledger.run(pay, {}, () => Promise.reject(new TypeError("oops")));

  expect(await broken).toMatchObject({ ok: false, fate: "failed" });
  expect(await desk.call()).toMatchObject({ ok: false, fate: "failed" });
  expect(desk.runs).toBe(0);
});

test("closing ends what runs and takes nothing more", async () => {
  using desk = new Desk();
  const running = desk.call();
  desk.ledger.close();

  expect(await running).toMatchObject({ fate: "given-up", error: { code: "CLOSED" } });
  expect(desk.signals[0]?.aborted).toBe(true);
  expect(await desk.call()).toMatchObject({ fate: "not-run", error: { code: "CLOSED" } });
  desk.end(success(1));
  await settle();
});

test("limits are above 0", () => {
  expect(() => new ResultLedger({ ttl: 0 })).toThrow(ValidationError);
});
