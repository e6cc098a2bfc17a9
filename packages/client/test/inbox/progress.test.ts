import { expect, test } from "vitest";
import { Progress } from "../../src/inbox/progress.ts";

function at(acked: number, seen: number): Progress {
  const progress = new Progress();
  progress.welcome(acked);
  for (let seq = acked + 1; seq <= seen; seq++) progress.take(seq);
  return progress;
}

test("messages are taken in order, once, and a missing one is noticed", () => {
  const progress = at(4, 4);
  expect(progress.take(5)).toBe("next");
  expect(progress.take(5)).toBe("seen");
  expect(progress.take(3)).toBe("seen");
  expect(progress.take(7)).toBe("gap");
  expect(progress.take(6)).toBe("next");
});

test("after a reconnection what is still being worked on is not taken again", () => {
  const progress = at(2, 5);
  progress.welcome(2);
  expect(progress.take(3)).toBe("seen");
  expect(progress.take(6)).toBe("next");
});

test("a server that knows of less, or of more, is believed", () => {
  const restored = at(5, 7);
  restored.welcome(3);
  expect(restored.acked).toBe(3);
  expect(restored.take(4)).toBe("next");
  const elsewhere = at(5, 7);
  elsewhere.welcome(9);
  expect(elsewhere.take(9)).toBe("seen");
  expect(elsewhere.take(10)).toBe("next");
});

test("acknowledgements go forward only", () => {
  const progress = at(2, 5);
  expect(progress.acknowledge(4)).toBe(true);
  expect(progress.acknowledge(3)).toBe(false);
  expect(progress.acked).toBe(4);
});

test("what is acknowledged late, by a message of an earlier loop, is not taken again", () => {
  const progress = at(2, 5);
  progress.rewind();
  progress.acknowledge(4);
  expect(progress.take(3)).toBe("seen");
  expect(progress.take(5)).toBe("next");
});

test("a new loop starts after what was acknowledged", () => {
  const progress = at(2, 5);
  progress.rewind();
  expect(progress.take(3)).toBe("next");
  const fresh = new Progress();
  fresh.rewind();
  expect(fresh.acked).toBeUndefined();
});
