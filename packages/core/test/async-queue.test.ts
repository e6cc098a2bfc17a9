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
  let taken = 0;
  let inOrder = true;
  for (let i = 0; i < 1_000_000; i++) {
    queue.push(i);
    if (i % 3 === 2) inOrder &&= (await queue.take()) === taken++;
  }
  queue.end();
  for await (const item of queue) inOrder &&= item === taken++;

  expect(inOrder).toBe(true);
  expect(taken).toBe(1_000_000);
});

test("items that weigh nothing still fill the queue", () => {
  const queue = new AsyncQueue<string>({ capacity: 3, sizeOf: (text) => text.length });

  expect(["", "", "", ""].map((text) => queue.push(text))).toEqual([
    "more",
    "more",
    "full",
    "refused",
  ]);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("a size of %d is refused", (size) => {
  const queue = new AsyncQueue<string>({ capacity: 3, sizeOf: () => size });

  expect(() => queue.push("x")).toThrow(ValidationError);
  expect(queue.size).toBe(0);
});

test("undefined is what take says at the end, so it cannot be an item; other nothings can", async () => {
  const queue = new AsyncQueue<unknown>({ capacity: 9 });
  for (const item of [null, 0, "", false]) queue.push(item);
  expect(() => queue.push(undefined)).toThrow(ValidationError);
  queue.end();

  expect(await Array.fromAsync(queue)).toEqual([null, 0, "", false]);
});

test("several who iterate share the items, and all end", async () => {
  const queue = new AsyncQueue<number>({ capacity: 100 });
  const readers = [Array.fromAsync(queue), Array.fromAsync(queue), Array.fromAsync(queue)];
  for (let i = 0; i < 30; i++) {
    queue.push(i);
    await Promise.resolve();
  }
  queue.end();
  const seen = (await Promise.all(readers)).flat();

  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test("an iteration that is ended from within, or by a throw, leaves the rest in place", async () => {
  const queue = new AsyncQueue<number>({ capacity: 10 });
  for (let i = 0; i < 3; i++) queue.push(i);
  const iterator = queue[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 0 });
  expect(await iterator.return()).toEqual({ done: true, value: undefined });
  const failing = async (): Promise<void> => {
    for await (const item of queue) throw new Error(`cannot handle ${item}`);
  };
  await expect(failing()).rejects.toThrow("cannot handle 1");
  queue.end();

  expect(await Array.fromAsync(queue)).toEqual([2]);
});

test("a producer that fills the room at once, when it is told of it, is told again", async () => {
  const told: number[] = [];
  let next = 2;
  const queue: AsyncQueue<number> = new AsyncQueue<number>({
    capacity: 2,
    onRoom: () => {
      told.push(queue.size);
      while (next < 6 && queue.push(next) === "more") next++;
      next++;
    },
  });
  queue.push(0);
  queue.push(1);
  const seen: (number | undefined)[] = [];
  for (let i = 0; i < 6; i++) seen.push(await queue.take());

  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  expect(told.length).toBeGreaterThan(2);
});

test("a capacity of nothing is a ValidationError", () => {
  expect(() => new AsyncQueue({ capacity: 0 })).toThrow(ValidationError);
});

test("polling takes what waits, at once, and never the end for an item", async () => {
  const onRoom = vi.fn();
  const queue = new AsyncQueue<unknown>({ capacity: 2, onRoom });
  expect(queue.poll()).toBeUndefined();
  queue.push(null);
  queue.push(0);
  expect([queue.poll(), queue.poll(), queue.poll()]).toEqual([null, 0, undefined]);
  expect(onRoom).toHaveBeenCalledOnce();
  queue.end(new Error("over"));
  expect(queue.poll()).toBeUndefined();
  await expect(queue.take()).rejects.toThrow("over");
});

test("clearing drops what waits and announces the room; those who wait go on waiting", async () => {
  const onRoom = vi.fn();
  const queue = new AsyncQueue<number>({ capacity: 2, onRoom });
  for (const item of [1, 2, 3]) queue.push(item);
  queue.clear();
  expect(queue.size).toBe(0);
  expect(onRoom).toHaveBeenCalledOnce();
  const waiting = queue.take();
  queue.clear();
  queue.push(4);
  expect(await waiting).toBe(4);
});
