import { AsyncQueue } from "@net/core";
import { expect, test } from "vitest";
import { StreamReader } from "../../src/calls/stream-reader.ts";

interface Chunk {
  readonly value: unknown;
}

function reading(): { reader: StreamReader; queue: AsyncQueue<Chunk>; left: () => number } {
  const queue = new AsyncQueue<Chunk>({ capacity: 100 });
  let left = 0;
  const leave = (): void => {
    left += 1;
  };
  const source = { poll: () => queue.poll(), take: () => queue.take(), leave };
  return { reader: new StreamReader(source), queue, left: () => left };
}

test("it gives what waits and what comes, undefined too, until the end", async () => {
  const { reader, queue, left } = reading();
  queue.push({ value: 1 });
  queue.push({ value: undefined });
  const all = Array.fromAsync(reader);
  await Promise.resolve();
  queue.push({ value: 3 });
  queue.end();

  expect(await all).toEqual([1, undefined, 3]);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  expect(left()).toBe(0);
});

test("it fails once, after what came before, and is over then", async () => {
  const { reader, queue } = reading();
  queue.push({ value: 1 });
  queue.end(new Error("no more"));

  expect(await reader.next()).toEqual({ done: false, value: 1 });
  await expect(reader.next()).rejects.toThrow("no more");
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("who stops reading leaves once; who never began leaves nothing", async () => {
  const { reader, queue, left } = reading();
  await reader[Symbol.asyncIterator]().return();
  expect(left()).toBe(0);
  const other = reading();
  other.queue.push({ value: 1 });
  other.queue.push({ value: 2 });
  for await (const _ of other.reader) break;
  await other.reader.return();

  expect(other.left()).toBe(1);
  expect(queue.size).toBe(0);
});

test("what was asked for when the reader is left ends without a chunk", async () => {
  const { reader, queue, left } = reading();
  const asked = reader.next();
  await reader.return();
  queue.end(new Error("too late"));

  expect(await asked).toEqual({ done: true, value: undefined });
  expect(left()).toBe(1);
});

test("chunks come in the order in which they were asked for", async () => {
  const { reader, queue } = reading();
  const asked = [reader.next(), reader.next(), reader.next()];
  for (const value of ["a", "b", "c"]) queue.push({ value });

  expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(["a", "b", "c"]);
});
