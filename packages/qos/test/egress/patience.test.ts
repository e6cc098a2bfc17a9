import { AbortedError, ClosedError, OverloadedError, seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { FRAME_OVERHEAD_BYTES } from "../../src/egress/byte-budget.ts";
import { frame } from "./gate.ts";
import { blockedScene } from "./scene.ts";

/** Four frames of this size fill a queue of 4,000 bytes. */
const SIZE = 1_000 - FRAME_OVERHEAD_BYTES;
const patient = { type: "tool-result", patient: true } as const;

function fullScene(): ReturnType<typeof blockedScene> {
  const scene = blockedScene({ maxBytes: 4_000 });
  for (let mark = 1; mark <= 4; mark++) scene.queue.offer(frame(mark, SIZE), "message");
  return scene;
}

test("who is patient waits for room, in turn, while others are refused; all of it is sent", async () => {
  const { gate, queue } = fullScene();
  const sent: number[] = [];
  const sending = [11, 12, 13, 14, 15, 16].map(async (mark) => {
    await queue.send(frame(mark, SIZE), patient);
    sent.push(mark);
  });
  await settle();
  expect(queue.queuedBytes).toBe(4_000);
  expect(() => queue.offer(frame(9, SIZE), "message")).toThrow(OverloadedError);
  while (sent.length < 6) {
    gate.open(1);
    await settle();
    expect(queue.queuedBytes).toBeLessThanOrEqual(4_000);
  }
  await Promise.all(sending);
  gate.open(100);
  await settle();
  expect(sent).toEqual([11, 12, 13, 14, 15, 16]);
  expect(gate.taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16]);
});

test("who gives up while it waits for room is not sent, and holds up nobody", async () => {
  const { gate, queue } = fullScene();
  const controller = new AbortController();
  const first = queue.send(frame(11, SIZE), { ...patient, signal: controller.signal });
  const second = queue.send(frame(12, SIZE), patient);
  controller.abort();
  await expect(first).rejects.toThrow(AbortedError);
  gate.open(100);
  await second;
  await settle();
  expect(gate.taken).toEqual([0, 1, 2, 3, 4, 12]);
});

test("the end of the queue is the end of the wait", async () => {
  const { queue } = fullScene();
  const sending = [11, 12].map((mark) => queue.send(frame(mark, SIZE), patient));
  queue.close();
  for (const one of sending) await expect(one).rejects.toThrow(ClosedError);
});

test("what is no frame, or larger than the link carries, is refused and not waited for", async () => {
  const { queue } = fullScene();
  await expect(queue.send("text" as never, patient)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("patient senders of any sizes all come to their end, and the bound holds", async () => {
  const rng = seededRng(4);
  const { gate, queue } = blockedScene({ maxBytes: 4_000 });
  let waiting = 0;
  for (let mark = 1; mark <= 200; mark++) {
    waiting += 1;
    void queue.send(frame(mark % 250, Math.floor(rng.next() * 3_000)), patient).then(() => {
      waiting -= 1;
    });
    if (rng.next() < 0.3) gate.open(1);
    expect(queue.queuedBytes).toBeLessThanOrEqual(4_000);
  }
  for (let round = 0; round < 400 && waiting > 0; round++) {
    gate.open(2);
    await settle();
    expect(queue.queuedBytes).toBeLessThanOrEqual(4_000);
  }
  expect(waiting).toBe(0);
});
