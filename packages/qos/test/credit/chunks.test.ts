import { ProtocolError, ValidationError } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CHUNK_BYTES, ChunkAssembler, chunksOf } from "../../src/credit/chunks.ts";

test("chunks are 16 KiB at most, views of the message, and all of it", () => {
  const message = new Uint8Array(40_000);
  const chunks = chunksOf(message);
  expect(chunks.map(({ byteLength }) => byteLength)).toEqual([CHUNK_BYTES, CHUNK_BYTES, 7_232]);
  expect(chunks.every(({ buffer }) => buffer === message.buffer)).toBe(true);
  expect(chunksOf(new Uint8Array(CHUNK_BYTES))).toHaveLength(1);
  expect(chunksOf(new Uint8Array(0))).toEqual([new Uint8Array(0)]);
});

test("what was cut is put together again, message after message", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 50 }),
      (messages, size) => {
        const assembler = new ChunkAssembler(300);
        for (const message of messages) {
          const chunks = chunksOf(message, size);
          const made = chunks.map((chunk, i) => assembler.add(chunk, i === chunks.length - 1));
          expect(made.pop()).toEqual(message);
          expect(made.every((each) => each === undefined)).toBe(true);
          expect(assembler.pendingBytes).toBe(0);
        }
      },
    ),
    { seed: 47, numRuns: 100 },
  );
});

test("a message does not change with the buffer its pieces came in", () => {
  const buffer = Buffer.from([1, 2, 3]);
  const assembler = new ChunkAssembler(10);
  assembler.add(buffer, false);
  const message = assembler.add(buffer, true);
  const single = assembler.add(buffer, true);
  buffer.fill(9);
  expect([...(message ?? [])]).toEqual([1, 2, 3, 1, 2, 3]);
  expect([...(single ?? [])]).toEqual([1, 2, 3]);
});

test("a message that grows too large is FRAME_TOO_LARGE, and takes no room any more", () => {
  const assembler = new ChunkAssembler(100);
  assembler.add(new Uint8Array(60), false);
  expect(() => assembler.add(new Uint8Array(41), false)).toThrow(ProtocolError);
  expect(assembler.pendingBytes).toBe(0);
  expect(assembler.add(new Uint8Array(100), true)).toHaveLength(100);
});

test("limits that are none are ValidationErrors, and so is what is no bytes", () => {
  expect(() => chunksOf("text" as never)).toThrow(ValidationError);
  expect(() => new ChunkAssembler(9).add("text" as never, false)).toThrow(ValidationError);
  expect(() => new ChunkAssembler(0)).toThrow(ValidationError);
  expect(() => chunksOf(new Uint8Array(1), Number.NaN)).toThrow(ValidationError);
});
