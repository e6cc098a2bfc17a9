import { expect, test } from "vitest";
import { EndKind, encodeValue } from "../../src/wire/calls.ts";
import { ChunkEncoder } from "../../src/wire/chunk.ts";
import { copyPart, joined, sizeOf } from "../../src/wire/parts.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7);

test.each([0, 1, 255, 256, 65_535, 65_536, 100_000])(
  "a chunk of %i bytes is encoded as MessagePack would, without being copied",
  (length) => {
    for (const call of [1, 127, 128, 40_000, 70_000, 2 ** 32]) {
      const value = bytes(length);
      const chunk = new ChunkEncoder(call).encode(value);
      expect(chunk.body).toBe(value);
      expect(Buffer.from(joined(chunk))).toEqual(
        Buffer.from(encodeValue(EndKind.chunk, call, value)),
      );
    }
  },
);

test("a chunk that is not bytes is encoded whole", () => {
  for (const value of ["text", 7, { a: [1] }, undefined, null, [bytes(3)]]) {
    const chunk = new ChunkEncoder(3).encode(value);
    expect(Buffer.from(joined(chunk))).toEqual(Buffer.from(encodeValue(EndKind.chunk, 3, value)));
  }
});

test("what cannot travel is refused", () => {
  expect(() => new ChunkEncoder(3).encode(() => {})).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});

test("any part of a message can be copied, wherever its two parts meet", () => {
  const message = { head: bytes(5), body: bytes(9).reverse() };
  const all = [...joined(message)];
  for (let from = 0; from <= sizeOf(message); from++) {
    for (let end = from; end <= sizeOf(message); end++) {
      const target = new Uint8Array(end - from);
      copyPart(message, from, target);
      expect([...target]).toEqual(all.slice(from, end));
    }
  }
});
