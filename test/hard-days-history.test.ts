import { expect, test } from "vitest";
import type { News, Way } from "./support/hard-days/commands.ts";
import { History } from "./support/hard-days/history.ts";

/** A call of peer a's process 1; then what else is told, by whom, and by which process. */
function historyOf(way: Way, ...told: readonly (readonly [string, number, News])[]): History {
  const history = new History();
  history.add("a", 1, { kind: "called", id: "x", way });
  for (const each of told) history.add(...each);
  return history;
}

const ran: News = { kind: "ran", id: "x" };

function settled(outcome: string): readonly [string, number, News] {
  return ["a", 1, { kind: "settled", id: "x", outcome }];
}

test("calls that settled, and ran as often as they may, are right", () => {
  const right = [
    historyOf("plain", ["b", 2, ran], settled("ok")),
    historyOf("plain", settled("NO_ROUTE")),
    historyOf("repeated", ["b", 2, ran], ["b", 3, ran], settled("ok")),
    historyOf("keyed", ["b", 2, ran], settled("OUTCOME_UNKNOWN")),
    historyOf("idempotent", ["b", 2, ran], ["b", 2, ran], ["c", 3, ran], settled("ok")),
  ];
  expect(right.flatMap((history) => history.wrongs())).toEqual([]);
});

test.each<[string, History]>([
  ["has not settled", historyOf("plain", ["b", 2, ran])],
  ["settled after its deadline", historyOf("keyed", ["a", 1, { kind: "overdue", id: "x" }])],
  ["somebody else's answer", historyOf("plain", ["b", 2, ran], settled("WRONG_ANSWER"))],
  ["never ran", historyOf("idempotent", settled("ok"))],
  ["ran twice", historyOf("plain", ["b", 2, ran], ["c", 3, ran], settled("ok"))],
  ["ran twice", historyOf("keyed", ["b", 2, ran], ["c", 3, ran], settled("ok"))],
  ["ran twice in one process", historyOf("repeated", ["b", 2, ran], ["b", 2, ran], settled("ok"))],
  ["outside the family", historyOf("plain", settled("TypeError: x is not a function"))],
])("a call that %s is noticed", (wrong, history) => {
  expect(history.wrongs().join()).toContain(wrong);
});

test("of a process that was killed nothing is expected any more", () => {
  const history = historyOf("plain");
  history.killed(1);

  expect(history.wrongs()).toEqual([]);
});
