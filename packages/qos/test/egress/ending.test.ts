import { getEventListeners } from "node:events";
import { AbortedError, ClosedError, seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { frame, Gate } from "./gate.ts";
import { blockedScene, egressTo } from "./scene.ts";

test("aborting takes a waiting frame out and frees its room", async () => {
  const { gate, queue } = blockedScene();
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
  const { gate, queue } = blockedScene();
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
    const { gate, queue } = blockedScene();
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
  const queue = egressTo(gate);
  const controller = new AbortController();
  await queue.send(frame(1), { type: "message", signal: controller.signal });
  controller.abort();
  await expect(
    queue.send(frame(2), { type: "message", signal: controller.signal }),
  ).rejects.toThrow(AbortedError);
  expect(gate.taken).toEqual([1]);
});

test("closing rejects what waits, once, and waits for the link no more", async () => {
  const { gate, queue } = blockedScene();
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
  const { queue } = blockedScene();
  await queue[Symbol.asyncDispose]();
  await queue[Symbol.asyncDispose]();
  expect(() => queue.offer(frame(1), "message")).toThrow(ClosedError);
});

test("a link that dies while frames wait closes the queue", async () => {
  const { gate, queue } = blockedScene();
  const waiting = queue.send(frame(1), { type: "message" });
  gate.die();
  await expect(waiting).rejects.toMatchObject({ code: "CLOSED", cause: { code: "CLOSED" } });
});

test("a link that refuses a frame for good closes the queue, and the sender hears of it", async () => {
  const gate = new Gate(10);
  const queue = egressTo(gate);
  gate.onSend = () => {
    throw new ClosedError("the link was closed");
  };
  expect(() => queue.offer(frame(1), "message")).toThrow(ClosedError);
  await expect(queue.send(frame(2), { type: "message" })).rejects.toThrow(ClosedError);
  expect(queue.queuedFrames).toBe(0);
});

test("closing from within the link's send drops what the link then refuses", async () => {
  const gate = new Gate(1);
  gate.strict = true;
  const queue = egressTo(gate);
  gate.open(0);
  gate.onSend = () => queue.close();
  await expect(queue.send(frame(1), { type: "message" })).rejects.toThrow(ClosedError);
  expect(queue.queuedFrames).toBe(0);
});

test("a signal that outlives many sends keeps none of their listeners", async () => {
  const { gate, queue } = blockedScene();
  const { signal } = new AbortController();
  const sends = Array.from({ length: 50 }, (_, i) =>
    queue.send(frame(i), { type: "message", signal }),
  );
  expect(getEventListeners(signal, "abort")).toHaveLength(50);
  gate.open(100);
  await Promise.all(sends);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
