import { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { SpentInput } from "../../src/socket/spent-input.ts";

function reading(): { spent: SpentInput; came: (bytes?: number) => Buffer } {
  const stream = new EventEmitter() as Readable;
  const spent = new SpentInput(stream);
  const came = (bytes = 100): Buffer => {
    const chunk = Buffer.from(new ArrayBuffer(bytes));
    stream.emit("data", chunk);
    return chunk;
  };
  return { spent, came };
}

const copied = (): Buffer => Buffer.from(new ArrayBuffer(8));
const isFree = ({ buffer }: Buffer): boolean => (buffer as ArrayBuffer).detached;

test("chunks that a message was copied from are freed, but the one it ends in", () => {
  const { spent, came } = reading();
  const chunks = [came(), came(), came()];
  expect(chunks.map(isFree)).toEqual([false, false, false]);
  spent.made(copied());
  expect(chunks.map(isFree)).toEqual([true, true, false]);
  came();
  spent.made(copied());

  expect(chunks.map(isFree)).toEqual([true, true, true]);
});

test("a chunk that a message is a view of is never freed", () => {
  const { spent, came } = reading();
  const [before, seen] = [came(), came()];
  spent.made(seen.subarray(10, 20));
  // A second one, of which the first half is in the same chunk.
  const after = came();
  spent.made(copied());
  came();
  spent.made(copied());

  expect([before, seen, after].map(isFree)).toEqual([true, false, true]);
});

test("a message that is a view of an earlier chunk keeps it, and frees the others", () => {
  const { spent, came } = reading();
  const [first, seen] = [came(), came()];
  came();
  spent.made(seen.subarray(4));
  came();
  spent.made(copied());

  expect([first, seen].map(isFree)).toEqual([true, false]);
});

test("while others listen to the input too, nothing of it is freed", () => {
  const stream = new EventEmitter() as Readable;
  const spent = new SpentInput(stream);
  for (let n = 0; n < 2; n++) stream.on("data", () => {});
  const chunks = [1, 2].map((bytes) => Buffer.from(new ArrayBuffer(bytes)));
  for (const chunk of chunks) stream.emit("data", chunk);
  spent.made(copied());

  expect(chunks.map(isFree)).toEqual([false, false]);
});

test("a chunk that shares its memory with others is not freed", () => {
  const stream = new EventEmitter() as Readable;
  const spent = new SpentInput(stream);
  const memory = new ArrayBuffer(200);
  stream.emit("data", Buffer.from(memory, 0, 100));
  stream.emit("data", Buffer.from(memory, 100, 100));
  stream.emit("data", Buffer.from(new ArrayBuffer(10)));
  spent.made(copied());

  expect(memory.detached).toBe(false);
});

test("a ping between the fragments of a message frees nothing of it", () => {
  const { spent, came } = reading();
  const [first, second] = [came(), came()];
  spent.seen(Buffer.alloc(0));
  spent.seen(second.subarray(0, 4));
  const last = came();
  expect([first, second, last].map(isFree)).toEqual([false, false, false]);
  spent.made(copied());
  came();
  spent.made(copied());

  // Whoever answers the ping may still need what it said.
  expect([first, second, last].map(isFree)).toEqual([true, false, true]);
});

test("a chunk that one message is a view of is freed once that is spent, and another was made", () => {
  const { spent, came } = reading();
  const chunk = came();
  const message = chunk.subarray(4);
  spent.made(message);
  spent.spent(message);
  expect(isFree(chunk)).toBe(false);
  const next = came();
  spent.made(next.subarray(4));
  came();
  spent.made(copied());

  expect([chunk, next].map(isFree)).toEqual([true, false]);
});

test("of two messages in one chunk, one that is spent frees nothing", () => {
  const { spent, came } = reading();
  const chunk = came();
  const [first, second] = [chunk.subarray(0, 40), chunk.subarray(40)];
  for (const message of [first, second]) spent.made(message);
  for (const message of [second, second, first]) spent.spent(message);
  came();
  spent.made(copied());

  expect(isFree(chunk)).toBe(false);
});

test.each(["before", "behind"])("a ping %s a message that is spent keeps the chunk", (place) => {
  const { spent, came } = reading();
  const chunk = came();
  const message = chunk.subarray(10, 90);
  const ping = place === "before" ? chunk.subarray(0, 10) : chunk.subarray(90);
  if (place === "before") spent.seen(ping);
  spent.made(message);
  if (place === "behind") spent.seen(ping);
  spent.spent(message);
  came();
  spent.made(copied());

  expect(isFree(chunk)).toBe(false);
});

test("a message that was copied, or is spent too late, frees nothing", () => {
  const { spent, came } = reading();
  came();
  const last = came();
  const copy = copied();
  spent.made(copy);
  spent.seen(last.subarray(0, 4));
  spent.spent(copy);
  const next = came();
  const late = next.subarray(4);
  spent.made(late);
  came();
  spent.spent(late);
  spent.made(copied());

  expect([last, next].map(isFree)).toEqual([false, false]);
});
