import { expect, test } from "vitest";
import { suspicionTimeoutMs } from "../../src/liveness/suspicion.ts";

const limits = { leastDeadMs: 2_000, mostDeadMs: 30_000 };

// The cases of memberlist's own test of its formula.
test.each([
  [0, 30_000],
  [1, 16_000],
  [2, 7_810],
  [3, 2_000],
  [4, 2_000],
])("of three confirmations that are enough, %i leave %i ms", (confirmations, expectedMs) => {
  expect(Math.floor(suspicionTimeoutMs(confirmations, 3, limits))).toBe(expectedMs);
});

test("where nobody can confirm, the whole time is left", () => {
  expect(suspicionTimeoutMs(0, 0, limits)).toBe(30_000);
});
