import { NetworkError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { History, type NewCall, type Question } from "./support/history.ts";
import { Pauses } from "./support/pauses.ts";
import { answerOf } from "./support/tools.ts";

const question: Question = { id: "q", n: 1, takesMs: 0 };

function callOf(changes: Partial<NewCall> = {}): NewCall {
  const from = { caller: "a#1", pauses: new Pauses() };
  return {
    ...from,
    question,
    tool: "work",
    callee: "b",
    key: undefined,
    deadlineMs: 100,
    ...changes,
  };
}

const answered = (executedOn: string, value: unknown = answerOf(executedOn, question)) =>
  Promise.resolve({ value, executedOn });

/** What the history finds after so long. */
async function faultsOf(tell: (history: History) => void, ms = 1_000): Promise<string[]> {
  const clock = new FakeClock();
  const history = new History(clock);
  tell(history);
  await clock.advance(ms);
  return history.faults();
}

test("a call that was answered by its callee, and ran once, is fine", async () => {
  const faults = await faultsOf((history) => {
    history.ran({ process: "b#2", tool: "work", question });
    history.follow(callOf(), answered("b"));
  });

  expect(faults).toEqual([]);
});

test.each<[string, (history: History) => void]>([
  ["never settled", (history) => history.follow(callOf(), new Promise(() => {}))],
  ["answered wrongly", (history) => history.follow(callOf(), answered("c"))],
  ["answered wrongly", (history) => history.follow(callOf(), answered("b", "a lie"))],
  [
    "failed oddly",
    (history) => history.follow(callOf(), Promise.reject(new NetworkError("INTERNAL", "oh"))),
  ],
  ["failed oddly", (history) => history.follow(callOf(), Promise.reject(new TypeError("oh")))],
  [
    "ran 2 times",
    (history) => {
      history.follow(callOf({ key: "q" }), answered("b"));
      for (let n = 0; n < 2; n++) history.ran({ process: "b#2", tool: "work", question });
    },
  ],
  [
    "ran 2 times",
    (history) => {
      history.follow(callOf({ key: "q", callee: undefined }), answered("b"));
      for (const process of ["b#2", "c#3"]) history.ran({ process, tool: "work", question });
    },
  ],
])("what must not be is found: %s", async (fault, tell) => {
  expect(await faultsOf(tell)).toEqual([expect.stringContaining(fault)]);
});

test("a key that was called at two peers runs once at each, and what may run twice may", async () => {
  const faults = await faultsOf((history) => {
    history.follow(callOf({ key: "q" }), answered("b"));
    history.follow(callOf({ key: "q", callee: "c" }), answered("c"));
    for (const process of ["b#2", "c#3"]) history.ran({ process, tool: "work", question });
    for (const process of ["b#2", "b#2"]) history.ran({ process, tool: "read", question });
  });

  expect(faults).toEqual([]);
});

test.each([
  ["is late", undefined, 1],
  ["is not late if its process was stopped meanwhile", [50, 150], 0],
  ["is late if its process was stopped before that only", [10, 40], 1],
] as const)("a call that settles 50 ms after its deadline %s", async (_, pause, count) => {
  const clock = new FakeClock();
  const history = new History(clock);
  const pauses = new Pauses();
  if (pause) {
    pauses.begin(pause[0], false);
    pauses.end(pause[1]);
  }
  const late = Promise.withResolvers<{ value: string; executedOn: string }>();
  history.follow(callOf({ pauses }), late.promise);
  clock.setTimeout(() => late.resolve({ value: answerOf("b", question), executedOn: "b" }), 150);
  await clock.advance(1_000);

  expect(history.faults()).toHaveLength(count);
});
