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

test("pieces that lie in one buffer are put together where they are, if what is between them is nobody's", () => {
  const batch = Uint8Array.of(0, 1, 2, 9, 9, 3, 4, 9, 9, 5);
  const [a, b, c] = [batch.subarray(1, 3), batch.subarray(5, 7), batch.subarray(9, 10)];
  const assembler = new ChunkAssembler(100, 2);
  // Smaller than what is worth to be kept as it came: only the rest is in place.
  assembler.add(a, false);
  assembler.add(b, false);
  expect(assembler.add(c, true)).toEqual(Uint8Array.of(1, 2, 3, 4, 5));

  const large = new Uint8Array(40_000).fill(7);
  const [first, second] = [large.subarray(10, 16_010), large.subarray(16_020, 32_020)];
  const inPlace = new ChunkAssembler(100_000, 10);
  inPlace.add(first, false);
  const message = inPlace.add(second.fill(8), true);
  expect(message?.buffer).toBe(large.buffer);
  expect(message).toEqual(new Uint8Array([...Array(16_000).fill(7), ...Array(16_000).fill(8)]));
});

test("however many pieces follow each other in one buffer, they are put together there", () => {
  const [gap, size, count] = [11, 10_000, 5];
  const batch = new Uint8Array(count * (gap + size));
  const assembler = new ChunkAssembler(100_000, gap);
  let message: Uint8Array | undefined;
  for (let n = 0; n < count; n++) {
    const start = n * (gap + size) + gap;
    const piece = batch.subarray(start, start + (n === count - 1 ? 30 : size)).fill(n + 1);
    message = assembler.add(piece, n === count - 1);
  }

  expect(message?.buffer).toBe(batch.buffer);
  const pieces = [1, 2, 3, 4].map((n) => Array(size).fill(n));
  expect(message).toEqual(new Uint8Array([...pieces.flat(), ...Array(30).fill(5)]));
});

test("pieces of one buffer with something of others between them are copied", () => {
  const large = new Uint8Array(40_000).fill(7);
  const assembler = new ChunkAssembler(100_000, 10);
  assembler.add(large.subarray(0, 16_000), false);
  const message = assembler.add(large.subarray(20_000, 36_000), true);
  expect(message?.byteLength).toBe(32_000);
  expect(message?.buffer).not.toBe(large.buffer);
});
