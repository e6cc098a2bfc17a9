import { expect, test } from "vitest";
import { LentFrames } from "../../src/transport/lent-frames.ts";

test("a frame that was lent is returned when it has left, in order, and not before", () => {
  const frames = new LentFrames();
  const returned: string[] = [];
  const lend = (name: string): void => {
    const number = frames.next;
    frames.sent();
    frames.add(number, () => returned.push(name));
  };
  lend("a");
  frames.sent();
  lend("b");
  const seen = [1, 2, 3].map(() => {
    frames.left();
    return [...returned];
  });

  expect(seen).toEqual([["a"], ["a"], ["a", "b"]]);
});

test("one that is said to be lent only after it has left is returned with the next", () => {
  const frames = new LentFrames();
  const returned: string[] = [];
  const number = frames.next;
  frames.sent();
  frames.left();
  frames.add(number, () => returned.push("late"));
  frames.sent();
  frames.left();

  expect(returned).toEqual(["late"]);
});
