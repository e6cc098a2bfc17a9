import { AbortedError, AsyncQueue, ClosedError, ValidationError } from "@net/core";
import { expect, test, vi } from "vitest";

test("gives items in order, to those who wait first", async () => {
  const queue = new AsyncQueue<number>({ capacity: 10 });
  const waiting = [queue.take(), queue.take()];
  for (let i = 0; i < 4; i++) queue.push(i);

  expect(await Promise.all([...waiting, queue.take(), queue.take()])).toEqual([0, 1, 2, 3]);
});

test("says when it is full, refuses what does not fit, and announces room once half empty", async () => {
  const onRoom = vi.fn();
  const queue = new AsyncQueue<string>({ capacity: 10, sizeOf: (text) => text.length, onRoom });

  expect(queue.push("four")).toBe("more");
  expect(queue.push("seven77")).toBe("refused");
  expect(queue.push("six666")).toBe("full");
  expect(queue.size).toBe(10);
  await queue.take();
  expect(onRoom).not.toHaveBeenCalled();
  await queue.take();
  expect(onRoom).toHaveBeenCalledOnce();
});

test("an empty queue takes even what is larger than it", () => {
  const queue = new AsyncQueue<string>({ capacity: 2, sizeOf: (text) => text.length });

  expect(queue.push("large")).toBe("full");
  expect(queue.push("x")).toBe("refused");
});

test("after the end, what waits is still taken; then undefined, or the error", async () => {
  const fine = new AsyncQueue<number>({ capacity: 2 });
  fine.push(1);
  fine.end();
  fine.end(new Error("too late to matter"));
  expect([await fine.take(), await fine.take(), await fine.take()]).toEqual([
    1,
    undefined,
    undefined,
  ]);
  expect(() => fine.push(2)).toThrow(ClosedError);

  const broken = new AsyncQueue<number>({ capacity: 2 });
  const waiting = broken.take();
  broken.end(new Error("broke"));
  await expect(waiting).rejects.toThrow("broke");
  await expect(broken.take()).rejects.toThrow("broke");
});

test("an aborted take takes nothing", async () => {
  const queue = new AsyncQueue<number>({ capacity: 2 });
  const controller = new AbortController();
  const aborted = queue.take({ signal: controller.signal });
  const next = queue.take();
  controller.abort();
  queue.push(1);

  await expect(aborted).rejects.toThrow(AbortedError);
  expect(await next).toBe(1);
  await expect(queue.take({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
});

test("breaking out of an iteration leaves the rest in place", async () => {
  const queue = new AsyncQueue<number>({ capacity: 10 });
  for (let i = 0; i < 5; i++) queue.push(i);
  for await (const item of queue) if (item === 1) break;
  queue.end();

  expect(await Array.fromAsync(queue)).toEqual([2, 3, 4]);
});

test("a million items pass in order, in bounded space", async () => {
  const queue = new AsyncQueue<number>({ capacity: 2_000_000 });
  let expected = 0;
  for (let i = 0; i < 1_000_000; i++) {
    queue.push(i);
    if (i % 3 === 2) expect((await queue.take()) === expected++ || fail()).toBe(true);
  }
  queue.end();
  for await (const item of queue) if (item !== expected++) fail();

  expect(expected).toBe(1_000_000);
});

function fail(): never {
  throw new Error("out of order");
}

test("a capacity of nothing is a ValidationError", () => {
  expect(() => new AsyncQueue({ capacity: 0 })).toThrow(ValidationError);
});
