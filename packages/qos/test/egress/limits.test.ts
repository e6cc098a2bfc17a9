import { OverloadedError, seededRng, ValidationError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { FRAME_OVERHEAD_BYTES } from "../../src/egress/byte-budget.ts";
import type { FrameSink } from "../../src/egress/frame-sink.ts";
import { QoSManager } from "../../src/qos-manager.ts";
import { frame, Gate } from "./gate.ts";
import { blockedScene, egressTo } from "./scene.ts";

/** A message type of each priority, the most urgent first. */
const types = ["heartbeat", "tool-call", "message", "bulk"] as const;

test("what waits is bounded, and what does not fit is OVERLOADED and not taken", async () => {
  const { gate, queue } = blockedScene({ maxBytes: 4_000 });
  const size = 1_000 - FRAME_OVERHEAD_BYTES;
  for (let mark = 1; mark <= 4; mark++) queue.offer(frame(mark, size), "message");
  expect(queue.queuedBytes).toBe(4_000);
  expect(() => queue.offer(frame(5, size), "message")).toThrow(OverloadedError);
  await expect(queue.send(frame(6, size), { type: "tool-call" })).rejects.toThrow(
    "4000 bytes wait for gpu-box: a tool-call of 616 was not taken",
  );
  gate.open(1);
  await settle();
  expect(queue.offer(frame(7, size), "message")).toBe(false);
  gate.open(100);
  await settle();
  expect(gate.taken).toEqual([0, 1, 2, 3, 4, 7]);
  expect(queue.queuedBytes).toBe(0);
});

test("empty frames are frames, and bounded too", () => {
  const { queue } = blockedScene({ maxBytes: 10 * FRAME_OVERHEAD_BYTES });
  for (let i = 0; i < 10; i++) queue.offer(new Uint8Array(0), "message");
  expect(() => queue.offer(new Uint8Array(0), "message")).toThrow(OverloadedError);
});

test("critical frames have a reserve that nobody else can fill, and no more than that", () => {
  const { queue } = blockedScene({ maxBytes: 1_000, criticalReserve: 3 * FRAME_OVERHEAD_BYTES });
  queue.offer(frame(1, 1_000 - FRAME_OVERHEAD_BYTES), "bulk");
  expect(() => queue.offer(new Uint8Array(0), "tool-call")).toThrow(OverloadedError);
  for (let i = 0; i < 3; i++) queue.offer(new Uint8Array(0), "heartbeat");
  expect(() => queue.offer(new Uint8Array(0), "heartbeat")).toThrow(OverloadedError);
});

test("one frame larger than the bound passes, alone", async () => {
  const { gate, queue } = blockedScene({ maxBytes: 100 });
  queue.offer(frame(1, 5_000), "bulk");
  expect(() => queue.offer(frame(2), "bulk")).toThrow(OverloadedError);
  gate.open(2);
  await settle();
  expect(gate.taken).toEqual([0, 1]);
});

test("the bound holds on random traffic, and empties to nothing", async () => {
  const rng = seededRng(6);
  const [maxBytes, criticalReserve] = [10_000, 1_000];
  const { gate, queue } = blockedScene({ maxBytes, criticalReserve });
  let refused = 0;
  for (let step = 0; step < 2_000; step++) {
    try {
      const type = types[Math.floor(rng.next() * types.length)] as string;
      queue.offer(frame(1, Math.floor(rng.next() * 800)), type);
    } catch (error) {
      expect(error).toBeInstanceOf(OverloadedError);
      refused += 1;
    }
    expect(queue.queuedBytes).toBeLessThanOrEqual(maxBytes + criticalReserve);
    if (rng.next() > 0.2) continue;
    gate.open(2);
    await settle();
  }
  expect(refused).toBeGreaterThan(100);
  gate.open(10_000);
  await settle();
  expect([queue.queuedFrames, queue.queuedBytes]).toEqual([0, 0]);
});

test("a frame larger than the link carries is FRAME_TOO_LARGE at once", async () => {
  const link = { ...new Gate(1), maxFrameBytes: 10, send: () => true, drained: async () => {} };
  const queue = new QoSManager().createEgress("gpu-box", link);
  expect(queue.offer(frame(1, 10), "message")).toBe(true);
  expect(() => queue.offer(frame(1, 11), "message")).toThrow(ValidationError);
  await expect(queue.send(frame(1, 11), { type: "message" })).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
});

test("what is no frame, or no type, is a ValidationError", () => {
  expect(() => egressTo(new Gate(1)).offer("text" as never, "message")).toThrow(ValidationError);
  expect(() => egressTo(new Gate(1)).offer(null as never, "message")).toThrow(ValidationError);
  expect(() => egressTo(new Gate(1)).offer(frame(1), undefined as never)).toThrow(ValidationError);
});

test("wrong options are ValidationErrors", () => {
  expect(() => egressTo(new Gate(), { maxBytes: 0 })).toThrow(ValidationError);
  expect(() => egressTo(new Gate(), { criticalReserve: Number.NaN })).toThrow(ValidationError);
  expect(() => new QoSManager().createEgress("", new Gate())).toThrow(ValidationError);
});

test("a link that hands the memory of frames on to another thread leaves nothing counted", async () => {
  const qos = new QoSManager({ clock: new FakeClock() });
  const moved: ArrayBuffer[] = [];
  const sink: FrameSink = {
    send: ({ buffer }) => {
      moved.push(structuredClone(buffer as ArrayBuffer, { transfer: [buffer as ArrayBuffer] }));
      return moved.length % 2 === 0;
    },
    drained: async () => {},
  };
  const queue = qos.createEgress("worker", sink, { maxBytes: 10_000 });
  for (let i = 0; i < 5; i++) queue.offer(new Uint8Array(1_000), "message");
  await settle();
  expect(moved.map(({ byteLength }) => byteLength)).toEqual(Array(5).fill(1_000));
  expect([queue.queuedFrames, queue.queuedBytes]).toEqual([0, 0]);
  qos.recordHeard("worker");
  expect(qos.getMetrics("worker")?.bytesPerSecond).toBe(50_000);
});
