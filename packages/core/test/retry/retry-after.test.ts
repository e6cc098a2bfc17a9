import { parseRetryAfterMs } from "@net/core";
import { expect, test } from "vitest";

const now = Date.UTC(2026, 10, 21, 10, 0, 0);

test.each([
  ["0", 0],
  ["120", 120_000],
  ["Sat, 21 Nov 2026 10:00:30 GMT", 30_000],
  ["Sat, 21 Nov 2026 09:59:00 GMT", 0],
])("%s is understood", (value, ms) => {
  expect(parseRetryAfterMs(value, now)).toBe(ms);
});

test.each([
  undefined,
  "",
  "-1",
  "1.5",
  "soon",
  "2026-11-21T10:00:30Z",
  "Foo, 99 Bar 2026 10:00:30 GMT",
])("%s asks nothing", (value) => {
  expect(parseRetryAfterMs(value, now)).toBeUndefined();
});
