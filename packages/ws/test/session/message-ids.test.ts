import { expect, test } from "vitest";
import { madeId, messageIds, randomId } from "../../src/session/message-ids.ts";

test("a random id is 128 bits in 22 characters that need no escape", () => {
  const ids = Array.from({ length: 100 }, randomId);
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test("two makers of names never make the same", () => {
  const [one, other] = [messageIds(), messageIds()];
  const ids = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? one() : other())).map(
    ({ maker, count }) => madeId(maker, count),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
