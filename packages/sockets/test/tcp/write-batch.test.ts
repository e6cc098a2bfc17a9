import { raw } from "@net/sockets";
import { expect, test } from "vitest";
import { WriteBatch } from "../../src/tcp/write-batch.ts";

const LARGE = 40 * 1024;

test("small messages are copied together, large ones are written from where they lie", () => {
  const batch = new WriteBatch();
  const large = Buffer.alloc(LARGE, "L");
  for (const message of [Buffer.from("a"), Buffer.from("b"), large, Buffer.from("c")]) {
    batch.add(message, raw());
  }
  expect([batch.bytes, batch.isBorrowing]).toEqual([LARGE + 3, true]);
  const parts = batch.take();
  expect(parts.map(String)).toEqual(["ab", String(large), "c"]);
  expect(parts[1]).toBe(large);
  expect([batch.bytes, batch.isBorrowing, batch.take()]).toEqual([0, false, []]);
});

test("what a framing wrote of a message that it then refuses is taken back, all of it", () => {
  const batch = new WriteBatch();
  batch.add(Buffer.from("before"), raw());
  const mistake = new Error("too late");
  const refusing = {
    ...raw(),
    encode: (message: Uint8Array, out: WriteBatch): never => {
      out.writeUInt32BE(1);
      out.write(message);
      throw mistake;
    },
  };
  for (const size of [1, 5_000, LARGE]) {
    expect(() => batch.add(Buffer.alloc(size), refusing as never)).toThrow(mistake);
    expect([batch.bytes, batch.isBorrowing]).toEqual([6, false]);
  }
  batch.add(Buffer.from(" after"), raw());
  expect(String(Buffer.concat(batch.take()))).toBe("before after");
});

test("what was taken is not written to again", () => {
  const batch = new WriteBatch();
  const taken: string[] = [];
  const parts = ["one", "two", "three"].map((text) => {
    batch.add(Buffer.from(text), raw());
    const [part] = batch.take();
    taken.push(String(part));
    return part;
  });
  expect(parts.map(String)).toEqual(taken);
});

test("between batches a small block is used on, a large one is let go", () => {
  const batch = new WriteBatch();
  // The last block of the third batch has room left.
  const blocks = [1, 1, 100, 1].map((count) => {
    for (let i = 0; i < count; i++) batch.add(Buffer.alloc(100), raw());
    return batch.take().at(-1)?.buffer;
  });
  expect(blocks[1]).toBe(blocks[0]);
  expect(blocks[3]).not.toBe(blocks[2]);
});
