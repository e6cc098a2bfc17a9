import { RemoteError } from "@net/core";
import { expect, test } from "vitest";
import { outcomeBytes } from "../../src/ledger/outcome-bytes.ts";
import { failure, success } from "../../src/tools/outcome.ts";

test("text, bytes and what holds them are counted, whatever they lie in", () => {
  const text = "x".repeat(1_000);
  for (const value of [text, { a: text }, [text], new Map([["a", text]]), new Set([text])]) {
    expect(outcomeBytes(success(value))).toBeGreaterThanOrEqual(2_000);
    expect(outcomeBytes(success(value))).toBeLessThan(2_100);
  }
  expect(outcomeBytes(success(new Uint8Array(5_000)))).toBeGreaterThanOrEqual(5_000);
  expect(outcomeBytes(failure("failed", new RemoteError(text)))).toBeGreaterThan(2_000);
});

test("a circle, and what is nested very deep, come to an end", () => {
  const circle: unknown[] = ["x"];
  circle.push(circle);
  let deep: unknown = "x";
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];

  expect(outcomeBytes(success(circle))).toBeLessThan(200);
  expect(outcomeBytes(success(deep))).toBeGreaterThan(100_000);
});
