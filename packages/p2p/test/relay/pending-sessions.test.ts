import { expect, test } from "vitest";
import { PendingSessions } from "../../src/relay/pending-sessions.ts";

/** How many of them get a place. */
function enterAll(pending: PendingSessions, paths: readonly (readonly string[])[]): number {
  return paths.filter((path) => pending.enter(path)).length;
}

const behind = (count: number, ...via: readonly string[]): string[][] =>
  Array.from({ length: count }, (_, n) => ["self", ...via, `origin-${via.join("-")}-${n}`]);

test("who makes up peers behind it gets half of the places of the one it is behind", () => {
  const pending = new PendingSessions();

  expect(enterAll(pending, behind(100, "relay", "evil"))).toBe(16);
  expect(enterAll(pending, behind(100, "relay"))).toBe(16);
  expect(enterAll(pending, behind(100, "relay", "honest"))).toBe(0);
  expect(enterAll(pending, behind(100, "another"))).toBe(32);
  expect(enterAll(pending, behind(1, "a third"))).toBe(0);
});

test("a place that was left can be taken again, even at the end of the longest path", () => {
  const pending = new PendingSessions();
  const path = ["self", "1", "2", "3", "4", "5", "6", "7"];
  const place = pending.enter(path);
  expect(place).toBeDefined();
  expect(pending.enter(path)).toBeUndefined();
  place?.[Symbol.dispose]();

  expect(pending.enter(path)).toBeDefined();
});
