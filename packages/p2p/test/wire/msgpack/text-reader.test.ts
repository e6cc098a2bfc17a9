import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Decoder } from "../../../src/wire/msgpack/decoder.ts";
import { TextReader } from "../../../src/wire/msgpack/text-reader.ts";
import { theirs } from "./support/others.ts";
import { texts } from "./support/values.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const MESSAGE_BYTES = 4_096;

test("texts are those that stand there, wherever the message lies in memory", () => {
  // As many as it takes to read several windows, and to end in the middle of one.
  const list = fc.array(fc.oneof(texts, fc.uint8Array({ maxLength: 900 })), { maxLength: 60 });
  const decoder = new Decoder();
  fc.assert(
    fc.property(list, fc.nat({ max: 2_000 }), fc.nat({ max: 40 }), (items, offset, after) => {
      const message = theirs(items);
      const memory = new Uint8Array(offset + message.length + after).fill(0x7a);
      memory.set(message, offset);
      const frame = memory.subarray(offset, offset + message.length);
      expect(decoder.decode(frame)).toStrictEqual(items);
    }),
    { seed: 51, numRuns: 200 },
  );
});

test.each([0, 1, 12, 13, 127, 128, 129, 1_023, 1_024, 1_025])(
  "texts of %d bytes, up to the message's end",
  (length) => {
    const list = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(length));

    expect(new Decoder().decode(theirs(list))).toEqual(list);
  },
);

test("memory that is used again gives the texts that stand there now", () => {
  const memory = new Uint8Array(MESSAGE_BYTES);
  const decoder = new Decoder();
  const read = (list: readonly unknown[], offset: number): unknown => {
    const message = theirs(list);
    memory.set(message, offset);
    return decoder.decode(memory.subarray(offset, offset + message.length));
  };

  // Of the same places in the message, in the memory, and of neither.
  expect(read(["one", { key: "two" }, "three"], 0)).toEqual(["one", { key: "two" }, "three"]);
  expect(read(["ONE", { KEY: "TWO" }, "THREE"], 0)).toEqual(["ONE", { KEY: "TWO" }, "THREE"]);
  expect(read(["1ne", { k3y: "2wo" }, "3hree"], 7)).toEqual(["1ne", { k3y: "2wo" }, "3hree"]);
  expect(read(["é", "four"], 7)).toEqual(["é", "four"]);
});

test("a message that could not be read leaves nothing behind for the next in its memory", () => {
  const memory = new Uint8Array(100);
  const decoder = new Decoder();
  memory.set(theirs(["one", "two"]));
  expect(() => decoder.decode(memory.subarray(0, 8))).toThrow("a length that does not fit");
  memory.set(theirs(["ONE", "TWO"]));

  expect(decoder.decode(memory.subarray(0, 9))).toEqual(["ONE", "TWO"]);
});

test("memory that has grown, or shrunk, is read as it is now", () => {
  const memory = new ArrayBuffer(64, { maxByteLength: 1_024 });
  const decoder = new Decoder();
  for (const size of [64, 1_024, 32, 512]) {
    memory.resize(size);
    const message = theirs(["é".repeat(3), "text"]);
    new Uint8Array(memory).set(message, size - message.length);
    const frame = new Uint8Array(memory, size - message.length, message.length);
    expect(decoder.decode(frame)).toEqual(["ééé", "text"]);
  }
});

test("memory of all kinds is read: large, shared, and of a Buffer", () => {
  const decoder = new Decoder();
  const message = theirs(["text", "größe", "x".repeat(200)]);
  const large = new Uint8Array(1_000_000);
  const shared = new Uint8Array(new SharedArrayBuffer(message.length + 5));
  for (const memory of [large, shared, Buffer.alloc(500)]) {
    memory.set(message, 5);
    const frame = memory.subarray(5, 5 + message.length);
    expect(decoder.decode(frame)).toEqual(["text", "größe", "x".repeat(200)]);
  }
});

test("large memory is let go of after the message", async () => {
  const decoder = new Decoder();
  const memory = ((): WeakRef<ArrayBufferLike> => {
    const bytes = new Uint8Array(1_000_000);
    const message = theirs(["a text", "é"]);
    bytes.set(message);
    decoder.decode(bytes.subarray(0, message.length));
    return new WeakRef(bytes.buffer);
  })();
  // What a job has made lives until its end.
  await new Promise(setImmediate);
  collectGarbage();

  expect(memory.deref()).toBeUndefined();
  expect(decoder.decode(theirs("the decoder lives on"))).toBe("the decoder lives on");
});

test("what is no UTF-8 becomes U+FFFD, in texts of every length", () => {
  const reader = new TextReader();
  for (const length of [1, 3, 4, 5, 127, 128, 129, 500]) {
    for (const at of [0, length >> 1, length - 1]) {
      for (const byte of [0x80, 0xff]) {
        const bytes = new Uint8Array(length).fill(0x61).with(at, byte);
        reader.open(bytes);
        expect(reader.read(bytes, 0, length)).toBe(
          `${"a".repeat(at)}\ufffd${"a".repeat(length - at - 1)}`,
        );
        reader.close();
      }
    }
  }
});
