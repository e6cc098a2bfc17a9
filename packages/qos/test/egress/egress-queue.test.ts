import { memoryTransport, seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { PRIORITIES } from "../../src/priority.ts";
import { QoSManager } from "../../src/qos-manager.ts";
import { frame, Gate } from "./gate.ts";
import { blockedScene, egressTo } from "./scene.ts";

/** A message type of each priority, the most urgent first. */
const types = ["heartbeat", "tool-call", "message", "bulk"] as const;

test("while the link takes frames they pass straight on, in order", async () => {
  const gate = new Gate(10);
  const queue = egressTo(gate);
  expect(queue.offer(frame(1), "bulk")).toBe(true);
  await queue.send(frame(2), { type: "heartbeat" });
  expect(queue.offer(frame(3), "message")).toBe(true);
  expect(gate.taken).toEqual([1, 2, 3]);
  expect(queue.queuedFrames).toBe(0);
});

test("while the link takes none, frames wait, and leave the most urgent first", async () => {
  const { gate, queue } = blockedScene();
  for (const [mark, type] of [...types].reverse().entries()) {
    expect(queue.offer(frame(mark + 1), type)).toBe(false);
  }
  expect(gate.taken).toEqual([0]);
  gate.open(10);
  await settle();
  expect(gate.taken).toEqual([0, 4, 3, 2, 1]);
});

test("frames of equal priority leave in the order they came, and none is lost, on random traffic", async () => {
  const rng = seededRng(4);
  for (let round = 0; round < 100; round++) {
    const { gate, queue } = blockedScene();
    const sent = Array.from({ length: 100 }, (_, mark) => ({
      mark: mark + 1,
      level: Math.floor(rng.next() * types.length),
    }));
    for (const { mark, level } of sent) queue.offer(frame(mark), types[level] as string);
    for (let passed = 0; passed < sent.length; passed += 7) {
      gate.open(7);
      await settle();
    }
    const expected = sent.toSorted((a, b) => a.level - b.level).map(({ mark }) => mark);
    expect(gate.taken).toEqual([0, ...expected]);
  }
});

test("as long as little is sent, the most urgent waiting frame goes at every step, whatever came meanwhile", async () => {
  const rng = seededRng(5);
  const { gate, queue } = blockedScene();
  const model: number[][] = PRIORITIES.map(() => []);
  for (let step = 1; step < 250; step++) {
    const level = Math.floor(rng.next() * types.length);
    queue.offer(frame(step), types[level] as string);
    model[level]?.push(step);
    if (rng.next() < 0.5) continue;
    const next = model.find((list) => list.length > 0)?.shift();
    gate.open(1);
    await settle();
    expect(gate.taken.at(-1)).toBe(next);
  }
});

test("send resolves when the link has the frame, not before", async () => {
  const { gate, queue } = blockedScene();
  let done = false;
  const sent = queue.send(frame(1), { type: "message" }).then(() => {
    done = true;
  });
  await settle();
  expect(done).toBe(false);
  gate.open(1);
  await sent;
  expect(gate.taken).toEqual([0, 1]);
});

test("a frame that the overloaded link refused goes first when it takes frames again", async () => {
  const gate = new Gate(0);
  gate.strict = true;
  const queue = egressTo(gate);
  expect(queue.offer(frame(1), "message")).toBe(false);
  queue.offer(frame(2), "message");
  queue.offer(frame(3), "heartbeat");
  gate.open(1);
  await settle();
  expect(gate.taken).toEqual([3]);
  gate.open(0);
  await settle();
  gate.open(2);
  await settle();
  expect(gate.taken).toEqual([3, 1, 2]);
});

test("a link that calls back into the queue while it takes a frame keeps the order", () => {
  const gate = new Gate(100);
  const queue = egressTo(gate);
  gate.onSend = ([mark = 0]) => {
    if (mark < 5) queue.offer(frame(mark + 1), "message");
  };
  queue.offer(frame(1), "message");
  expect(gate.taken).toEqual([1, 2, 3, 4, 5]);
});

test("a change of policy counts for the frames that come after it", async () => {
  const qos = new QoSManager();
  const gate = new Gate(1);
  const queue = qos.createEgress("gpu-box", gate);
  queue.offer(frame(0), "message");
  queue.offer(frame(1), "message");
  qos.setPolicy("telemetry", { priority: "critical" });
  queue.offer(frame(2), "telemetry");
  gate.open(5);
  await settle();
  expect(gate.taken).toEqual([0, 2, 1]);
});

test("a memory link is a sink as it stands: everything arrives, the urgent first", async () => {
  const transport = memoryTransport({ highWaterMark: 4_000 });
  const received: number[] = [];
  const all = Promise.withResolvers<void>();
  await using _listener = await transport.listen("memory:there", (link) => {
    link.receive(([mark = 0]) => {
      received.push(mark);
      if (received.length === 41) all.resolve();
    });
  });
  await using link = await transport.dial("memory:there");
  await using queue = new QoSManager().createEgress("there", link);
  for (let i = 0; i < 40; i++) queue.offer(frame(1, 1_000), "bulk");
  queue.offer(frame(2), "heartbeat");
  await all.promise;
  expect(received.indexOf(2)).toBeLessThan(10);
  expect(received.filter((mark) => mark === 1)).toHaveLength(40);
});
