import { NetworkTimeoutError, ValidationError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { QoSManager } from "../../src/qos-manager.ts";
import { frame, Gate } from "./gate.ts";
import { blockedScene, Fates, openScene } from "./scene.ts";

test("a frame that is not sent within its deadline is DEADLINE_EXCEEDED at that moment, and never sent", async () => {
  const { clock, gate, queue } = blockedScene();
  const sent = queue.send(frame(1), { type: "tool-call", deadlineMs: 100 });
  const late = expect(sent).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
    message: "a tool-call to gpu-box was not sent within its 100 ms",
  });
  await clock.advance(99);
  expect(queue.queuedFrames).toBe(1);
  await clock.advance(1);
  await late;
  expect([queue.queuedFrames, queue.queuedBytes, clock.pending]).toEqual([0, 0, 0]);
  gate.open(10);
  await settle();
  expect(gate.taken).toEqual([0]);
});

test("deadlines pass in their own order, and leave the others where they are", async () => {
  const { clock, gate, queue } = blockedScene();
  const fates = new Fates();
  for (const [mark, deadlineMs] of [300, 100, undefined, 200, Number.POSITIVE_INFINITY].entries()) {
    queue.offer(frame(mark + 1), "message", { deadlineMs, onSettled: fates.add });
  }
  await clock.advance(250);
  expect(fates.all).toEqual(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"]);
  gate.open(10);
  await settle();
  expect(gate.taken).toEqual([0, 1, 3, 5]);
  expect(clock.pending).toBe(0);
});

test("a frame that leaves in time sets no timer and leaves none behind", async () => {
  const { clock, queue, gate } = openScene();
  expect(await queue.send(frame(1), { type: "message", deadlineMs: 1_000 })).toBe("sent");
  expect(clock.pending).toBe(0);
  gate.open(1);
  queue.offer(frame(2), "message");
  const waits = queue.send(frame(3), { type: "message", deadlineMs: 1_000 });
  expect(clock.pending).toBe(1);
  gate.open(5);
  await waits;
  expect(clock.pending).toBe(0);
});

test("no time left is DEADLINE_EXCEEDED at once, and no number is a ValidationError", async () => {
  const { queue, gate } = openScene();
  await expect(queue.send(frame(1), { type: "message", deadlineMs: 0 })).rejects.toThrow(
    NetworkTimeoutError,
  );
  for (const deadlineMs of [-1, Number.NaN, "5" as never]) {
    await expect(queue.send(frame(1), { type: "message", deadlineMs })).rejects.toThrow(
      ValidationError,
    );
  }
  expect(gate.taken).toEqual([]);
});

test("a deadline of which nobody would hear is a ValidationError", () => {
  const { queue } = openScene();
  expect(() => queue.offer(frame(1), "message", { deadlineMs: 5 })).toThrow("needs onSettled");
});

test("the time that a slow link takes counts, also while it takes one frame after the other", async () => {
  class WorkedClock extends FakeClock {
    workedMs = 0;
    override monotonicMs(): number {
      return super.monotonicMs() + this.workedMs;
    }
  }
  const clock = new WorkedClock();
  const gate = new Gate(1);
  const queue = new QoSManager({ clock }).createEgress("gpu-box", gate);
  const fates = new Fates();
  for (let i = 0; i <= 64; i++) {
    queue.offer(frame(1), "message", { deadlineMs: 20, onSettled: fates.add });
  }
  gate.onSend = () => {
    clock.workedMs += 1;
  };
  gate.open(100);
  await settle();
  expect(fates.count("sent")).toBeGreaterThan(20);
  expect(fates.count("sent")).toBeLessThan(40);
  expect(fates.count("DEADLINE_EXCEEDED")).toBe(65 - fates.count("sent"));
});

test("closing ends the waiting for deadlines", async () => {
  const { clock, queue } = blockedScene();
  const fates = new Fates();
  queue.offer(frame(1), "message", { deadlineMs: 5, onSettled: fates.add });
  queue.close();
  await clock.advance(10);
  expect(fates.all).toEqual(["CLOSED"]);
  expect(clock.pending).toBe(0);
});

test("a listener that throws is reported, and does not stop the queue", async () => {
  const { gate, queue } = blockedScene();
  const seen: unknown[] = [];
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.once("uncaughtException", (error) => seen.push(error));
  const fault = new Error("a listener's fault");
  queue.offer(frame(1), "message", {
    onSettled: () => {
      throw fault;
    },
  });
  queue.offer(frame(2), "message");
  gate.open(10);
  await settle();
  await settle();
  for (const other of others) process.on("uncaughtException", other);
  expect(gate.taken).toEqual([0, 1, 2]);
  expect(seen).toEqual([fault]);
});
