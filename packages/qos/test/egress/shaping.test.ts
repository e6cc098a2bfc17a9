import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { BandwidthViolationEvent } from "../../src/qos-events.ts";
import { frame, Gate } from "./gate.ts";
import { blockedScene, Fates, openScene, type Scene } from "./scene.ts";

/** 1 MB/s, of which 50 KB may leave at once. */
const LIMITED = { priority: "high", maxBandwidth: 1 } as const;

function limitedScene(): Scene & { readonly violations: BandwidthViolationEvent[] } {
  const scene = openScene({}, { policies: { video: LIMITED } });
  const violations: BandwidthViolationEvent[] = [];
  scene.qos.on("violation:bandwidth", (violation) => violations.push(violation));
  return { ...scene, violations };
}

test("a type sends no more than its maxBandwidth, and all of that, without losing a frame", async () => {
  const { clock, gate, queue, violations } = limitedScene();
  for (let i = 0; i < 250; i++) queue.offer(frame(i, 10_000), "video");
  expect(gate.taken).toHaveLength(5);
  for (let atMs = 100; atMs <= 2_000; atMs += 100) {
    await clock.advance(100);
    expect(gate.taken).toHaveLength(5 + atMs / 10);
  }
  await clock.advance(1_000);
  expect(gate.taken).toEqual(Array.from({ length: 250 }, (_, i) => i));
  expect(violations).toEqual([{ peerId: "gpu-box", type: "video", bytes: 10_000, limit: 1 }]);
  expect(clock.pending).toBe(0);
});

test("what waits for tokens holds up nobody else, of whatever priority", () => {
  const { gate, queue } = limitedScene();
  for (let i = 0; i < 10; i++) queue.offer(frame(1, 10_000), "video");
  expect(queue.offer(frame(2), "bulk")).toBe(true);
  expect(queue.offer(frame(3), "video")).toBe(false);
  expect(gate.taken.slice(5)).toEqual([2]);
});

test("a frame larger than the burst leaves when the bucket is full, and pays afterwards", async () => {
  const { clock, gate, queue } = limitedScene();
  queue.offer(frame(1, 1_000), "video");
  queue.offer(frame(2, 200_000), "video");
  queue.offer(frame(3, 1_000), "video");
  expect(gate.taken).toEqual([1]);
  await clock.advance(1);
  expect(gate.taken).toEqual([1, 2]);
  await clock.advance(150);
  expect(gate.taken).toEqual([1, 2]);
  await clock.advance(1);
  expect(gate.taken).toEqual([1, 2, 3]);
});

test("small frames that come all the time do not keep a large one from leaving", async () => {
  const { clock, gate, queue } = limitedScene();
  for (let i = 0; i < 50; i++) queue.offer(frame(1, 1_000), "video");
  queue.offer(frame(2, 50_000), "video");
  for (let i = 0; i < 60; i++) {
    queue.offer(frame(3, 1_000), "video");
    await clock.advance(1);
  }
  expect(gate.taken).toContain(2);
  expect(gate.taken.indexOf(3)).toBeGreaterThan(gate.taken.indexOf(2));
});

test("aborting what waits for tokens lets those behind it go as soon as they may", async () => {
  const { gate, queue } = limitedScene();
  queue.offer(frame(1, 10_000), "video");
  const controller = new AbortController();
  const large = queue.send(frame(2, 500_000), { type: "video", signal: controller.signal });
  queue.offer(frame(3, 10_000), "video");
  controller.abort();
  await expect(large).rejects.toMatchObject({ code: "ABORTED" });
  expect(gate.taken).toEqual([1, 3]);
});

test("a smaller one in the place of one that waits for tokens leaves as soon as it may", () => {
  const { gate, queue } = limitedScene();
  queue.offer(frame(1, 10_000), "video");
  queue.offer(frame(2, 500_000), "video", { coalesceKey: "x" });
  expect(queue.offer(frame(3, 10_000), "video", { coalesceKey: "x" })).toBe(true);
  expect(gate.taken).toEqual([1, 3]);
});

test("types that wait for tokens at the same time each leave when theirs are there", async () => {
  const policies = {
    fast: { priority: "high", maxBandwidth: 1 },
    slow: { priority: "high", maxBandwidth: 0.1 },
  } as const;
  const { clock, gate, queue } = openScene({}, { policies });
  for (let i = 0; i < 6; i++) {
    queue.offer(frame(1, 10_000), "fast");
    queue.offer(frame(2, 10_000), "slow");
  }
  await clock.advance(10);
  expect(gate.taken.filter((mark) => mark === 1)).toHaveLength(6);
  expect(gate.taken.filter((mark) => mark === 2)).toHaveLength(1);
  await clock.advance(480);
  expect(gate.taken).toHaveLength(12);
  expect(clock.pending).toBe(0);
});

test("two queues to one peer share the limit of a type; another peer has its own", async () => {
  const { clock, qos, gate, queue } = limitedScene();
  const second = qos.createEgress("gpu-box", gate);
  const elsewhere = new Gate(1_000);
  const other = qos.createEgress("phone", elsewhere);
  for (let i = 0; i < 100; i++) {
    for (const each of [queue, second, other]) each.offer(frame(1, 10_000), "video");
  }
  await clock.advance(500);
  expect(gate.taken.length).toBeLessThanOrEqual(5 + 50);
  expect(gate.taken.length).toBeGreaterThanOrEqual(5 + 48);
  expect(elsewhere.taken).toHaveLength(5 + 50);
  for (const each of [queue, second, other]) each.close();
  expect(clock.pending).toBe(0);
});

test("a limit that is raised, or lifted, counts for what waits as soon as the next message comes", async () => {
  const { clock, qos, gate, queue } = limitedScene();
  for (let i = 0; i < 30; i++) queue.offer(frame(1, 10_000), "video");
  qos.setPolicy("video", { priority: "high", maxBandwidth: 2 });
  queue.offer(frame(1, 10_000), "video");
  await clock.advance(50);
  expect(gate.taken).toHaveLength(5 + 10);
  qos.setPolicy("video", { priority: "high" });
  queue.offer(frame(1, 10_000), "video");
  expect(gate.taken).toHaveLength(32);
  expect(clock.pending).toBe(0);
});

test("queues share the bandwidth of all by their weights, urgent frames before", async () => {
  const { clock, qos } = openScene({}, { maxBandwidth: 1 });
  const gates = [1, 3].map((weight) => {
    const gate = new Gate(1e6);
    const queue = qos.createEgress(`peer-${weight}`, gate, { weight, maxBytes: 1e8 });
    for (let i = 0; i < 1_500; i++) queue.offer(frame(weight, 5_000), "message");
    return { gate, queue };
  });
  await clock.advance(4_000);
  const sent = gates.map(({ gate }) => gate.taken.length * 5_000);
  expect((sent[0] as number) + (sent[1] as number)).toBeLessThanOrEqual(4e6 + 55_000);
  expect((sent[0] as number) + (sent[1] as number)).toBeGreaterThanOrEqual(4e6);
  expect((sent[1] as number) / (sent[0] as number)).toBeGreaterThan(2.85);
  expect((sent[1] as number) / (sent[0] as number)).toBeLessThan(3.15);
  const [first] = gates;
  expect(first?.queue.offer(frame(9), "heartbeat")).toBe(true);
  expect(first?.gate.taken.at(-1)).toBe(9);
  for (const { queue } of gates) queue.close();
  expect(clock.pending).toBe(0);
});

test("a type that has its tokens while the bandwidth of all is spent waits without spinning", async () => {
  const policies = { video: { priority: "high", maxBandwidth: 0.1 } } as const;
  const { clock, gate, queue } = openScene({ maxBytes: 1e8 }, { policies, maxBandwidth: 0.5 });
  for (let i = 0; i < 10; i++) queue.offer(frame(1, 10_000), "video");
  for (let i = 0; i < 10; i++) queue.offer(frame(2, 500_000), "message");
  await clock.advance(20_000);
  expect(gate.taken).toHaveLength(20);
  expect([queue.queuedFrames, clock.pending]).toEqual([0, 0]);
});

test("a link that takes nothing gives its part to the others", async () => {
  const { clock, qos, gate, queue } = openScene({ maxBytes: 1e8 }, { maxBandwidth: 1 });
  const shut = qos.createEgress("phone", new Gate(1), { weight: 100 });
  for (let i = 0; i < 100; i++) shut.offer(frame(1, 10_000), "message");
  for (let i = 0; i < 300; i++) queue.offer(frame(1, 10_000), "message");
  await clock.advance(1_000);
  expect(gate.taken.length).toBeGreaterThanOrEqual(100);
});

test("senders that let too much wait for too long are OVERLOADED; those who cannot be told are not", async () => {
  const { clock, gate, queue } = blockedScene({ maxBytes: 1e8 });
  const fates = new Fates();
  for (let i = 0; i < 2_000; i++) {
    queue.offer(frame(1, 1_000), "message", { onSettled: fates.add });
    queue.offer(frame(2, 1_000), "bulk");
    queue.offer(frame(3, 1_000), "tool-call", { onSettled: fates.add });
  }
  for (let i = 0; i < 4_000; i++) {
    await clock.advance(10);
    gate.open(3);
    await settle();
    if (queue.queuedFrames === 0) break;
  }
  expect(fates.all).toHaveLength(4_000);
  expect(fates.count("OVERLOADED")).toBeGreaterThan(20);
  expect(gate.taken.filter((mark) => mark === 2)).toHaveLength(2_000);
  expect(gate.taken.filter((mark) => mark === 3)).toHaveLength(2_000);
  expect(queue.queuedBytes).toBe(0);
});

test("OVERLOADED by CoDel says who waited, and how long", async () => {
  const { clock, gate, queue } = blockedScene();
  const errors: unknown[] = [];
  for (let i = 0; i < 50; i++) {
    queue.send(frame(1, 1_000), { type: "file" }).catch((error: unknown) => errors.push(error));
  }
  for (let i = 0; i < 50; i++) {
    await clock.advance(20);
    gate.open(1);
    await settle();
  }
  expect(errors[0]).toMatchObject({ code: "OVERLOADED", details: { peerId: "gpu-box" } });
  expect(String(errors[0])).toMatch(/a file to gpu-box waited 1[0-9]0 ms/);
});
