import fc from "fast-check";
import { expect, test } from "vitest";
import { type Evidence, judge } from "../../src/liveness/judge.ts";
import { livenessTiming } from "../../src/liveness/timing.ts";

const timing = livenessTiming(5_000);

const calm: Evidence = {
  unansweredMs: undefined,
  silentMs: 0,
  suspectMs: 800,
  reads: false,
  mainThread: "unknown",
  isReached: false,
  confirmations: 0,
  enough: 2,
  saysBusy: false,
  isDoubted: false,
};

/** Silent for so long, since it was asked. */
const silent = (ms: number): Evidence => ({ ...calm, unansweredMs: ms, silentMs: ms });

test.each<[string, Evidence, string]>([
  ["nothing asked", calm, "alive answers"],
  ["it says so", { ...calm, saysBusy: true }, "busy says-so"],
  ["asked a moment ago", silent(799), "alive answers"],
  ["silent", silent(800), "suspect silent"],
  ["silent, without confirmation", silent(12_499), "suspect silent"],
  ["silent for too long", silent(12_500), "dead silent"],
  ["silent, confirmed by all", { ...silent(7_499), confirmations: 2 }, "suspect silent"],
  ["silent for too long for all", { ...silent(7_500), confirmations: 2 }, "dead silent"],
  ["silent, one of two", { ...silent(9_300), confirmations: 1 }, "suspect silent"],
  ["silent for too long, one of two", { ...silent(9_400), confirmations: 1 }, "dead silent"],
  ["silent here only", { ...silent(7_499), isReached: true }, "suspect link"],
  ["silent here only, for too long", { ...silent(7_500), isReached: true }, "dead link"],
  ["its main thread runs", { ...silent(900), mainThread: "runs" }, "suspect link"],
  ["its main thread is blocked", { ...silent(59_999), mainThread: "blocked" }, "busy blocked"],
  ["blocked for ever", { ...silent(60_000), mainThread: "blocked" }, "dead blocked"],
  [
    "blocked, though others hear it",
    { ...silent(900), mainThread: "blocked", isReached: true },
    "busy blocked",
  ],
  ["it reads", { ...silent(29_999), reads: true }, "busy reads-slowly"],
  ["it reads, and never speaks", { ...silent(30_000), reads: true }, "dead reads-slowly"],
  ["doubted", { ...silent(799), isDoubted: true }, "alive answers"],
  ["doubted and silent", { ...silent(800), isDoubted: true }, "dead stale"],
  [
    "doubted, but blocked",
    { ...silent(5_000), isDoubted: true, mainThread: "blocked" },
    "busy blocked",
  ],
  ["it speaks, its answer may follow", { ...calm, unansweredMs: 1_599 }, "alive answers"],
  ["it speaks, but does not answer", { ...calm, unansweredMs: 1_600 }, "busy deaf"],
  ["it speaks, and never answers", { ...calm, unansweredMs: 30_000 }, "dead deaf"],
  [
    "it spoke now and then, and never answered",
    { ...calm, unansweredMs: 60_000, silentMs: 900 },
    "dead silent",
  ],
])("%s: %j", (_what, evidence, expected) => {
  const { state, reason } = judge(evidence, timing);
  expect(`${state} ${reason}`).toBe(expected);
});

const evidences: fc.Arbitrary<Evidence> = fc.record({
  unansweredMs: fc.integer({ min: 0, max: 100_000 }),
  silentMs: fc.integer({ min: 0, max: 100_000 }),
  suspectMs: fc.integer({ min: 300, max: 1_400 }),
  reads: fc.boolean(),
  mainThread: fc.constantFrom("runs" as const, "blocked" as const, "unknown" as const),
  isReached: fc.boolean(),
  confirmations: fc.integer({ min: 0, max: 5 }),
  enough: fc.integer({ min: 0, max: 2 }),
  saysBusy: fc.boolean(),
  isDoubted: fc.constant(false),
});

test("whatever others say, nobody who was silent for less than one and a half heartbeats is dead", () => {
  fc.assert(
    fc.property(evidences, (evidence) => {
      const silentMs = Math.min(evidence.silentMs, evidence.unansweredMs ?? 0, 7_499);
      const unansweredMs = Math.min(evidence.unansweredMs ?? 0, 29_999);
      expect(judge({ ...evidence, silentMs, unansweredMs }, timing).state).not.toBe("dead");
    }),
  );
});

test("whatever others say, who is silent for two and a half heartbeats and shows no life of its own is dead", () => {
  fc.assert(
    fc.property(evidences, (evidence) => {
      const own = { reads: false, mainThread: "unknown" } as const;
      const silentMs = 12_500 + evidence.silentMs;
      expect(judge({ ...evidence, ...own, silentMs, unansweredMs: silentMs }, timing).state).toBe(
        "dead",
      );
    }),
  );
});
