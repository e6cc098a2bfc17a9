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

  expect([before, seen, after].map(isFree)).toEqual([false, false, true]);
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
