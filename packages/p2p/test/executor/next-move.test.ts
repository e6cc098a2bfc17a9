import { type ErrorCode, NetworkError } from "@net/core";
import { expect, test } from "vitest";
import { isBarred, type Move, nextMove } from "../../src/executor/next-move.ts";
import { type Failure, type Fate, failure } from "../../src/tools/outcome.ts";

function failed(fate: Fate, code: ErrorCode): Failure {
  return failure(fate, new NetworkError(code, "x"));
}

const rules: readonly [Fate, ErrorCode, plain: Move, keyed: Move, repeatable: Move][] = [
  ["not-run", "OVERLOADED", "elsewhere", "elsewhere", "elsewhere"],
  ["not-run", "NO_ROUTE", "elsewhere", "elsewhere", "elsewhere"],
  ["not-run", "PERMISSION_DENIED", "elsewhere", "elsewhere", "elsewhere"],
  ["not-run", "TOOL_NOT_FOUND", "elsewhere", "elsewhere", "elsewhere"],
  ["not-run", "INVALID_ARGUMENT", "stop", "stop", "stop"],
  ["not-run", "CONFLICT", "stop", "stop", "stop"],
  ["lost", "CONNECTION_LOST", "stop", "ask-again", "elsewhere"],
  ["failed", "OVERLOADED", "stop", "stop", "stop"],
  ["given-up", "ABORTED", "stop", "stop", "stop"],
];

test.each(rules)(
  "%s, %s: without a key %s, with one %s, if it may be repeated %s",
  (fate, code, ...moves) => {
    const known = [
      { keyed: false, repeatable: false },
      { keyed: true, repeatable: false },
      { keyed: true, repeatable: true },
    ];

    expect(known.map((each) => nextMove(failed(fate, code), each))).toEqual(moves);
  },
);

test("only who will never run it is barred", () => {
  expect(isBarred(failed("not-run", "PERMISSION_DENIED"))).toBe(true);
  expect(isBarred(failed("not-run", "OVERLOADED"))).toBe(false);
  expect(isBarred(failed("failed", "PERMISSION_DENIED"))).toBe(false);
});
