import { OverloadedError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { FRAME_OVERHEAD_BYTES } from "../../src/egress/byte-budget.ts";
import { frame } from "./gate.ts";
import { blockedScene, Fates } from "./scene.ts";

test("a newer frame with the same key takes the place of one that waits, whose sender hears it", async () => {
  const { gate, queue } = blockedScene();
  const key = { type: "message", coalesceKey: "state" };
  const first = queue.send(frame(1), key);
  const other = queue.send(frame(2), { type: "message" });
  const second = queue.send(frame(3, 100), key);
  expect(await first).toBe("superseded");
  expect(queue.queuedFrames).toBe(2);
  expect(queue.queuedBytes).toBe(101 + 2 * FRAME_OVERHEAD_BYTES);
  gate.open(10);
  expect(await Promise.all([second, other])).toEqual(["sent", "sent"]);
  expect(gate.taken).toEqual([0, 3, 2]);
});

test("other keys, other types and frames that have left are not touched", async () => {
  const { gate, queue } = blockedScene();
  queue.offer(frame(1), "message", { coalesceKey: "a" });
  queue.offer(frame(2), "message", { coalesceKey: "b" });
  queue.offer(frame(3), "tool-call", { coalesceKey: "a" });
  gate.open(3);
  await settle();
  queue.offer(frame(4), "message", { coalesceKey: "a" });
  queue.offer(frame(5), "message", { coalesceKey: "a" });
  gate.open(5);
  await settle();
  expect(gate.taken).toEqual([0, 3, 1, 2, 5]);
});

test("types that nobody has named share no keys", async () => {
  const { gate, queue } = blockedScene();
  for (const [mark, [type, coalesceKey]] of [
    ["a", "bc"],
    ["ab", "c"],
    ["b", "bc"],
    ["a", "bc"],
  ].entries()) {
    queue.offer(frame(mark + 1), type as string, { coalesceKey });
  }
  gate.open(9);
  await settle();
  expect(gate.taken).toEqual([0, 4, 2, 3]);
});

test("a thousand states of one thing take the room of one", async () => {
  const { gate, queue } = blockedScene({ maxBytes: 4_000 });
  const fates = new Fates();
  for (let i = 0; i < 1_000; i++) {
    queue.offer(frame(i % 200, 500), "message", { coalesceKey: "x", onSettled: fates.add });
  }
  expect(queue.queuedFrames).toBe(1);
  gate.open(10);
  await settle();
  expect([fates.count("superseded"), fates.count("sent")]).toEqual([999, 1]);
  expect(gate.taken).toEqual([0, 199]);
  expect(queue.queuedBytes).toBe(0);
});

test("one that does not fit in the place of the old one is OVERLOADED, and the old one stays", async () => {
  const { gate, queue } = blockedScene({ maxBytes: 2_000 });
  queue.offer(frame(1, 500), "message", { coalesceKey: "x" });
  expect(() => queue.offer(frame(2, 5_000), "message", { coalesceKey: "x" })).toThrow(
    OverloadedError,
  );
  gate.open(5);
  await settle();
  expect(gate.taken).toEqual([0, 1]);
});

test("aborting a frame that was superseded does not touch the one in its place", async () => {
  const { gate, queue } = blockedScene();
  const controller = new AbortController();
  const old = queue.send(frame(1), {
    type: "message",
    coalesceKey: "x",
    signal: controller.signal,
  });
  queue.offer(frame(2), "message", { coalesceKey: "x" });
  controller.abort();
  expect(await old).toBe("superseded");
  gate.open(5);
  await settle();
  expect(gate.taken).toEqual([0, 2]);
});

test("a frame the overloaded link refused is not overtaken by a newer state of it", async () => {
  const { gate, queue } = blockedScene();
  gate.strict = true;
  queue.offer(frame(1), "message", { coalesceKey: "x" });
  gate.onSend = () => {
    gate.onSend = () => {};
    queue.offer(frame(2), "message", { coalesceKey: "x" });
  };
  gate.open(0);
  await settle();
  queue.offer(frame(3), "message", { coalesceKey: "x" });
  gate.open(9);
  await settle();
  expect(gate.taken).toEqual([0, 1, 3]);
});

test("where all is full a newer one still takes the place of one that waits, but no larger one", () => {
  const { gate, queue } = blockedScene({ maxBytes: 2 * (FRAME_OVERHEAD_BYTES + 100) });
  const fates = new Fates();
  const offer = (id: number, bytes: number): boolean =>
    queue.offer(frame(id, bytes), "message", { coalesceKey: "me", onSettled: fates.add });
  queue.offer(frame(1, 100), "message");
  offer(2, 100);
  const { queuedBytes } = queue;
  expect(() => queue.offer(frame(3, 0), "message")).toThrow(OverloadedError);
  expect(offer(4, 100)).toBe(false);
  expect(fates.all).toEqual(["superseded"]);
  expect(() => offer(5, 101)).toThrow(OverloadedError);
  expect([queue.queuedFrames, queue.queuedBytes]).toEqual([2, queuedBytes]);
  queue.close();
  expect([fates.all, gate.taken]).toEqual([["superseded", "CLOSED"], [0]]);

  const { queue: tiny } = blockedScene({ maxBytes: 1 });
  const key = { coalesceKey: "me" };
  tiny.offer(frame(1, 50), "message", key);
  tiny.offer(frame(2, 50), "message", key);
  expect(() => tiny.offer(frame(3, 51), "message", key)).toThrow(OverloadedError);
  expect([tiny.queuedFrames, tiny.queuedBytes]).toEqual([1, FRAME_OVERHEAD_BYTES + 50]);
});
