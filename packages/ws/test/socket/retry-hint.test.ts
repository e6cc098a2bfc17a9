import { cutCloseMessage } from "@net/core";
import { expect, test } from "vitest";
import { retryHintOf, withRetryHint } from "../../src/socket/retry-hint.ts";

test("a hint that is put in a close reason is found there, also when the reason is cut", () => {
  expect(withRetryHint("updating", 1_500.2)).toBe("retryAfterMs=1501 updating");
  expect(withRetryHint("", 0)).toBe("retryAfterMs=0");
  for (const ms of [0, 1, 1_500, 999_999_999]) {
    expect(retryHintOf(withRetryHint("updating", ms))).toBe(ms);
    expect(retryHintOf(cutCloseMessage(withRetryHint("x".repeat(200), ms)))).toBe(ms);
  }
});

test("a hint beyond what fits is the longest there is", () => {
  expect(retryHintOf(withRetryHint("", Number.MAX_SAFE_INTEGER))).toBe(999_999_999);
});

test.each([
  "",
  "updating",
  "retryAfterMs=",
  "retryAfterMs=-1",
  "retryAfterMs=1e3",
  "retryAfterMs=1500ms",
  "retryAfterMs=1234567890",
  "updating retryAfterMs=1500",
])("%j says nothing of when to come back", (reason) => {
  expect(retryHintOf(reason)).toBeUndefined();
});
