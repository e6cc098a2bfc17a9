import { getEventListeners } from "node:events";
import {
  AbortedError,
  ClosedError,
  memoryTransport,
  OverloadedError,
  seededRng,
  ValidationError,
} from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { FRAME_OVERHEAD_BYTES } from "../../src/egress/byte-budget.ts";
import type { EgressQueue } from "../../src/egress/egress-queue.ts";
import { PRIORITIES } from "../../src/priority.ts";
import { QoSManager } from "../../src/qos-manager.ts";
import { frame, Gate } from "./gate.ts";

/** A message type of each priority, the most urgent first. */
const types = ["heartbeat", "tool-call", "message", "bulk"] as const;

function egress(gate: Gate, options = {}): EgressQueue {
  return new QoSManager().createEgress("gpu-box", gate, options);
}

/** A queue whose link has just taken a frame (0) and takes no more. */
function blocked(options = {}): { gate: Gate; queue: EgressQueue } {
  const gate = new Gate(1);
  const queue = egress(gate, options);
  expect(queue.offer(frame(0), "message")).toBe(true);
  return { gate, queue };
}

test("while the link takes frames they pass straight on, in order", async () => {
  const gate = new Gate(10);
  const queue = egress(gate);
  expect(queue.offer(frame(1), "bulk")).toBe(true);
  await queue.send(frame(2), { type: "heartbeat" });
  expect(queue.offer(frame(3), "message")).toBe(true);
  expect(gate.taken).toEqual([1, 2, 3]);
  expect(queue.queuedFrames).toBe(0);
});

test("while the link takes none, frames wait, and leave the most urgent first", async () => {
  const { gate, queue } = blocked();
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
    const { gate, queue } = blocked();
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

test("at every step the most urgent waiting frame goes, whatever came meanwhile", async () => {
  const rng = seededRng(5);
  const { gate, queue } = blocked();
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
  const { gate, queue } = blocked();
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
  const queue = egress(gate);
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

test("what waits is bounded, and what does not fit is OVERLOADED and not taken", async () => {
  const { gate, queue } = blocked({ maxBytes: 1_000 });
  const size = 250 - FRAME_OVERHEAD_BYTES;
  for (let mark = 1; mark <= 4; mark++) queue.offer(frame(mark, size), "message");
  expect(queue.queuedBytes).toBe(1_000);
  expect(() => queue.offer(frame(5, size), "message")).toThrow(OverloadedError);
  await expect(queue.send(frame(6, size), { type: "tool-call" })).rejects.toThrow(
    "1000 bytes wait for gpu-box: a tool-call of 186 was not taken",
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
  const { queue } = blocked({ maxBytes: 10 * FRAME_OVERHEAD_BYTES });
  for (let i = 0; i < 10; i++) queue.offer(new Uint8Array(0), "message");
  expect(() => queue.offer(new Uint8Array(0), "message")).toThrow(OverloadedError);
});

test("critical frames have a reserve that nobody else can fill, and no more than that", () => {
  const { queue } = blocked({ maxBytes: 1_000, criticalReserve: 3 * FRAME_OVERHEAD_BYTES });
  queue.offer(frame(1, 1_000 - FRAME_OVERHEAD_BYTES), "bulk");
  expect(() => queue.offer(new Uint8Array(0), "tool-call")).toThrow(OverloadedError);
  for (let i = 0; i < 3; i++) queue.offer(new Uint8Array(0), "heartbeat");
  expect(() => queue.offer(new Uint8Array(0), "heartbeat")).toThrow(OverloadedError);
});

test("one frame larger than the bound passes, alone", async () => {
  const { gate, queue } = blocked({ maxBytes: 100 });
  queue.offer(frame(1, 5_000), "bulk");
  expect(() => queue.offer(frame(2), "bulk")).toThrow(OverloadedError);
  gate.open(2);
  await settle();
  expect(gate.taken).toEqual([0, 1]);
});

test("the bound holds on random traffic, and empties to nothing", async () => {
  const rng = seededRng(6);
  const [maxBytes, criticalReserve] = [10_000, 1_000];
  const { gate, queue } = blocked({ maxBytes, criticalReserve });
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

test("what is no frame is a ValidationError", () => {
  expect(() => egress(new Gate(1)).offer("text" as never, "message")).toThrow(ValidationError);
});

test("aborting takes a waiting frame out and frees its room", async () => {
  const { gate, queue } = blocked();
  const controller = new AbortController();
  const sends = [1, 2, 3].map((mark) =>
    queue.send(frame(mark), { type: "message", ...(mark === 2 && { signal: controller.signal }) }),
  );
  controller.abort(new Error("changed my mind"));
  await expect(sends[1]).rejects.toThrow(AbortedError);
  await expect(sends[1]).rejects.toMatchObject({ cause: { message: "changed my mind" } });
  expect(queue.queuedFrames).toBe(2);
  gate.open(10);
  await Promise.all([sends[0], sends[2]]);
  expect(gate.taken).toEqual([0, 1, 3]);
});

test("aborting a frame while the link takes it is too late: it was sent", async () => {
  const { gate, queue } = blocked();
  const controller = new AbortController();
  const sent = queue.send(frame(1), { type: "message", signal: controller.signal });
  gate.onSend = () => controller.abort();
  gate.open(1);
  await sent;
  expect(gate.taken).toEqual([0, 1]);
  expect([queue.queuedFrames, queue.queuedBytes]).toEqual([0, 0]);
});

test("frames aborted in any order leave the others in theirs", async () => {
  const rng = seededRng(7);
  for (let round = 0; round < 50; round++) {
    const { gate, queue } = blocked();
    const frames = Array.from({ length: 30 }, (_, i) => ({
      mark: i + 1,
      controller: new AbortController(),
      doomed: rng.next() < 0.5,
    }));
    const results = frames.map(({ mark, controller: { signal } }) =>
      queue.send(frame(mark), { type: "bulk", signal }).then(
        () => "sent",
        (error: unknown) => (AbortedError.is(error) ? "aborted" : error),
      ),
    );
    const doomed = frames.filter((one) => one.doomed).sort(() => rng.next() - 0.5);
    for (const { controller } of doomed) controller.abort();
    gate.open(100);
    expect(await Promise.all(results)).toEqual(
      frames.map((one) => (one.doomed ? "aborted" : "sent")),
    );
    expect(gate.taken).toEqual([0, ...frames.filter((one) => !one.doomed).map(({ mark }) => mark)]);
  }
});

test("a signal that has aborted already sends nothing; one that aborts afterwards changes nothing", async () => {
  const gate = new Gate(10);
  const queue = egress(gate);
  const controller = new AbortController();
  await queue.send(frame(1), { type: "message", signal: controller.signal });
  controller.abort();
  await expect(
    queue.send(frame(2), { type: "message", signal: controller.signal }),
  ).rejects.toThrow(AbortedError);
  expect(gate.taken).toEqual([1]);
});

test("closing rejects what waits, once, and waits for the link no more", async () => {
  const { gate, queue } = blocked();
  const waiting = queue.send(frame(1), { type: "message" });
  queue.offer(frame(2), "bulk");
  queue.close(new Error("gone"));
  queue.close(new Error("again"));
  await expect(waiting).rejects.toThrow("the queue to gpu-box was closed: gone");
  await expect(waiting).rejects.toBeInstanceOf(ClosedError);
  expect(() => queue.offer(frame(3), "heartbeat")).toThrow(ClosedError);
  await expect(queue.send(frame(3), { type: "message" })).rejects.toThrow(ClosedError);
  await settle();
  expect(gate.waiting).toBe(0);
  gate.open(10);
  await settle();
  expect(gate.taken).toEqual([0]);
  expect([queue.queuedFrames, queue.queuedBytes]).toEqual([0, 0]);
});

test("disposing closes", async () => {
  const { queue } = blocked();
  await queue[Symbol.asyncDispose]();
  await queue[Symbol.asyncDispose]();
  expect(() => queue.offer(frame(1), "message")).toThrow(ClosedError);
});

test("a link that dies while frames wait closes the queue", async () => {
  const { gate, queue } = blocked();
  const waiting = queue.send(frame(1), { type: "message" });
  gate.die();
  await expect(waiting).rejects.toMatchObject({ code: "CLOSED", cause: { code: "CLOSED" } });
});

test("a link that refuses a frame for good closes the queue, and the sender hears of it", async () => {
  const gate = new Gate(10);
  const queue = egress(gate);
  gate.onSend = () => {
    throw new ClosedError("the link was closed");
  };
  expect(() => queue.offer(frame(1), "message")).toThrow(ClosedError);
  await expect(queue.send(frame(2), { type: "message" })).rejects.toThrow(ClosedError);
  expect(queue.queuedFrames).toBe(0);
});

test("a link that calls back into the queue while it takes a frame keeps the order", () => {
  const gate = new Gate(100);
  const queue = egress(gate);
  gate.onSend = ([mark = 0]) => {
    if (mark < 5) queue.offer(frame(mark + 1), "message");
  };
  queue.offer(frame(1), "message");
  expect(gate.taken).toEqual([1, 2, 3, 4, 5]);
});

test("closing from within the link's send drops what the link then refuses", async () => {
  const gate = new Gate(1);
  gate.strict = true;
  const queue = egress(gate);
  gate.open(0);
  gate.onSend = () => queue.close();
  await expect(queue.send(frame(1), { type: "message" })).rejects.toThrow(ClosedError);
  expect(queue.queuedFrames).toBe(0);
});

test("a signal that outlives many sends keeps none of their listeners", async () => {
  const { gate, queue } = blocked();
  const { signal } = new AbortController();
  const sends = Array.from({ length: 50 }, (_, i) =>
    queue.send(frame(i), { type: "message", signal }),
  );
  expect(getEventListeners(signal, "abort")).toHaveLength(50);
  gate.open(100);
  await Promise.all(sends);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
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

test("wrong options are ValidationErrors", () => {
  expect(() => egress(new Gate(), { maxBytes: 0 })).toThrow(ValidationError);
  expect(() => egress(new Gate(), { criticalReserve: Number.NaN })).toThrow(ValidationError);
  expect(() => new QoSManager().createEgress("", new Gate())).toThrow(ValidationError);
});
