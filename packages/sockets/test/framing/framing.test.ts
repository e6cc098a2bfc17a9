import { ProtocolError, seededRng, ValidationError } from "@net/core";
import { delimiter, type Framing, lengthPrefix, raw } from "@net/sockets";
import { describe, expect, test } from "vitest";
import { WriteBatch } from "../../src/tcp/write-batch.ts";

describe.each([
  { name: "length prefix", framing: lengthPrefix() },
  { name: "one-byte delimiter", framing: delimiter("\n") },
  { name: "two-byte delimiter", framing: delimiter("\r\n") },
])("$name", ({ framing }) => {
  test("messages come back whole however the stream is cut", () => {
    const messages = ["", "a", "hello\r", "x".repeat(20_000), "", "end"];
    const stream = encode(framing, ...messages.map((text) => Buffer.from(text)));
    const rng = seededRng(7);
    for (let round = 0; round < 20; round++) {
      const decoded = decode(
        framing,
        cut(stream, () => 1 + Math.floor(rng.next() * 3_000)),
      );
      expect(decoded).toEqual(messages);
    }
    expect(
      decode(
        framing,
        cut(stream, () => 1),
      ),
    ).toEqual(messages);
  });

  test("a message stays as it was while later bytes arrive", () => {
    const decoder = framing.decoder();
    const [first, second] = [Buffer.alloc(5_000, "a"), Buffer.alloc(5_000, "b")];
    const stream = encode(framing, first, second);
    const taken: Uint8Array[] = [];
    for (const chunk of cut(stream, () => 700)) {
      decoder.push(chunk);
      for (let next = decoder.next(); next; next = decoder.next()) taken.push(next);
    }
    expect(taken.map(String)).toEqual([String(first), String(second)]);
  });

  test("a stream that ends between messages is fine, inside one is a ProtocolError", () => {
    const decoder = framing.decoder();
    decoder.end();
    const whole = encode(framing, Buffer.from("hello"));
    for (let end = 1; end < whole.length; end++) {
      const cutOff = framing.decoder();
      cutOff.push(whole.subarray(0, end));
      expect(cutOff.next()).toBeUndefined();
      expect(() => cutOff.end()).toThrow(ProtocolError);
    }
  });

  test("chunks may come several at a time", () => {
    const decoder = framing.decoder();
    const stream = encode(framing, Buffer.from("hello"), Buffer.from("again"));
    for (const chunk of cut(stream, () => 2)) decoder.push(chunk);
    expect([decoder.next(), decoder.next(), decoder.next()].map(String)).toEqual([
      ...["hello", "again"],
      "undefined",
    ]);
  });
});

test("a length that is only announced takes no memory", () => {
  const decoder = lengthPrefix({ maxBytes: 2 ** 31 }).decoder();
  const before = process.memoryUsage().arrayBuffers;
  decoder.push(Buffer.from([0x40, 0, 0, 0, 1, 2, 3]));
  expect(decoder.next()).toBeUndefined();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
});

test("an announced length over the limit is refused before its bytes arrive", () => {
  const decoder = lengthPrefix({ maxBytes: 10 }).decoder();
  decoder.push(Buffer.from([0, 0, 0, 11]));
  expect(() => decoder.next()).toThrow(expect.objectContaining({ code: "FRAME_TOO_LARGE" }));
});

test("a delimiter that does not come within the limit is refused, one that just fits is not", () => {
  const fits = delimiter("\r\n", { maxBytes: 10 }).decoder();
  fits.push(Buffer.from("0123456789\r"));
  expect(fits.next()).toBeUndefined();
  fits.push(Buffer.from("\n"));
  expect(String(fits.next())).toBe("0123456789");

  const never = delimiter("\r\n", { maxBytes: 10 }).decoder();
  never.push(Buffer.from("0123456789a\r"));
  expect(() => never.next()).toThrow(expect.objectContaining({ code: "FRAME_TOO_LARGE" }));
});

test.each([lengthPrefix({ maxBytes: 3 }), delimiter("\n", { maxBytes: 3 })])(
  "a message over the limit is not sent",
  (framing) => {
    expect(() => encode(framing, Buffer.from("four"))).toThrow(
      expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
    );
  },
);

test("a message that contains its delimiter, or makes one with it, is not sent", () => {
  expect(() => encode(delimiter("\n"), Buffer.from("a\nb"))).toThrow(ValidationError);
  expect(() => encode(delimiter("--"), Buffer.from("a-"))).toThrow(ValidationError);
  expect(() => encode(delimiter("\r\n"), Buffer.from("a\r"))).not.toThrow();
});

test("limits and delimiters that make no sense are refused", () => {
  expect(() => lengthPrefix({ maxBytes: 0 })).toThrow(ValidationError);
  expect(() => delimiter("\n", { maxBytes: 1.5 })).toThrow(ValidationError);
  expect(() => delimiter("")).toThrow(ValidationError);
});

test("a length that 32 bits cannot say is refused", () => {
  expect(() => lengthPrefix({ maxBytes: 2 ** 32 })).toThrow(ValidationError);
  expect(() => lengthPrefix({ maxBytes: 2 ** 32 - 1 })).not.toThrow();
});

test("large chunks are freed once nothing lies in them any more, and not before", () => {
  const framing = lengthPrefix();
  const decoder = framing.decoder();
  const [large, small] = [Buffer.alloc(70_000, "L"), Buffer.alloc(20, "s")];
  const stream = encode(framing, large, small, large);
  const chunks = [0, 1, 2].map((i) => {
    const part = stream.subarray(i * 50_000, (i + 1) * 50_000);
    return Buffer.from(new Uint8Array(part).buffer);
  });
  const messages: Uint8Array[] = [];
  const lengths = chunks.map((chunk) => {
    decoder.push(chunk);
    for (let next = decoder.next(); next; next = decoder.next()) messages.push(next);
    return chunk.length;
  });
  // The first held the beginning of a message, which was copied; the second holds the small one.
  expect(lengths).toEqual([0, 50_000, 0]);
  expect(messages.map(String)).toEqual([large, small, large].map(String));
});

test("a chunk of storage that others use too is not freed", () => {
  const storage = Buffer.alloc(100_000);
  const decoder = lengthPrefix().decoder();
  storage.writeUInt32BE(50_000);
  decoder.push(storage.subarray(0, 40_000));
  expect(decoder.next()).toBeUndefined();
  expect(storage.length).toBe(100_000);
});

test("raw passes on what arrives, as it arrives", () => {
  expect(decode(raw(), [Buffer.from("ab"), Buffer.from("c")])).toEqual(["ab", "c"]);
});

function encode(framing: Framing, ...messages: readonly Uint8Array[]): Buffer {
  const batch = new WriteBatch();
  for (const message of messages) batch.add(message, framing);
  return Buffer.concat(batch.take());
}

function decode(framing: Framing, chunks: readonly Buffer[]): string[] {
  const decoder = framing.decoder();
  const messages: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let next = decoder.next(); next; next = decoder.next()) messages.push(String(next));
  }
  decoder.end();
  return messages;
}

function cut(stream: Buffer, size: () => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + size();
    // A copy, as a socket would give: chunks share no memory.
    chunks.push(Buffer.from(stream.subarray(at, end)));
    at = end;
  }
  return chunks;
}
