import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decoder } from "../../../src/wire/msgpack/decoder.ts";
import { Encoder } from "../../../src/wire/msgpack/encoder.ts";
import { readByOthers, theirs } from "./support/others.ts";
import { EDGES, nest, values } from "./support/values.ts";

const encoder = new Encoder();
const decoder = new Decoder();

/** What it writes, which is plain. */
function written(value: unknown, by = encoder): Uint8Array {
  const bytes = by.encode(value);
  if (!bytes) throw new Error("it is not plain");
  return bytes;
}

const hexOf = (value: unknown): string => Buffer.from(written(value)).toString("hex");

/** A map of so many keys, which are written in three bytes each. */
const mapOf = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [(i + 36 ** 3).toString(36), 7]));

test("what it writes others read, and so do we", () => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = written(value);
      assert.deepEqual(readByOthers(bytes), value);
      assert.deepEqual(decoder.decode(bytes), value);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test("whole numbers up to 32 bits, texts, bytes and lists are as short as others write them", () => {
  const whole = EDGES.filter((edge) => edge >= -(2 ** 31) && edge < 2 ** 32);
  const lengths = [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536];
  for (const value of [
    ...whole.filter((edge) => !Object.is(edge, -0)),
    ...lengths.flatMap((length) => ["x".repeat(length), new Uint8Array(length)]),
    ...lengths.flatMap((length) => [new Array(length).fill(1), mapOf(length)]),
  ]) {
    expect(Buffer.compare(written(value), theirs(value))).toBe(0);
  }
});

test.each([
  [-0, "cb8000000000000000"],
  [2 ** 32, "cb41f0000000000000"],
  [-(2 ** 31) - 1, "cbc1e0000000200000"],
  [2 ** 53 - 1, "cb433fffffffffffff"],
  [0.1, "cb3fb999999999999a"],
  [5e-324, "cb0000000000000001"],
])("%d is a float of 64 bits", (value, hex) => {
  expect(hexOf(value)).toBe(hex);
  expect(decoder.decode(written(value))).toBe(value);
});

describe("texts", () => {
  const lengths = [0, 1, 7, 8, 10, 11, 15, 16, 24, 25, 31, 32, 63, 64, 85, 86, 127, 128, 255, 256];
  const long = [16_384, 16_385, 21_845, 21_846, 32_767, 32_768, 65_535, 65_536];

  test.each(["a", "é", "€", "😀"])("of any length of %s are as others write them", (character) => {
    for (const length of [...lengths, ...long]) {
      const text = character.repeat(length);
      // The shortest length, which others do not always write, and what is to follow.
      expect(Buffer.compare(written([text]), shortestText(text))).toBe(0);
      expect(decoder.decode(written([text, "z"]))).toEqual([text, "z"]);
      expect(readByOthers(written([text, "z"]))).toEqual([text, "z"]);
    }
  });

  test("of one character that is not ASCII among many that are", () => {
    for (const length of lengths) {
      for (const at of [0, length >> 1, length]) {
        for (const other of ["\u0080", "ÿ", "\u07ff", "\u0800"]) {
          const text = `${"a".repeat(at)}${other}${"b".repeat(length - at)}`;
          expect(Buffer.compare(written([text]), shortestText(text))).toBe(0);
        }
      }
    }
  });

  test.each([3, 30, 400, 20_000])(
    "with half a character travel with U+FFFD for it (%d)",
    (length) => {
      const half = "\ud83d".repeat(length);
      const whole = "\ufffd".repeat(length);

      expect(decoder.decode(written({ [half]: [half] }))).toEqual({ [whole]: [whole] });
    },
  );

  function shortestText(text: string): Uint8Array {
    const utf8 = Buffer.from(text);
    const size = utf8.length;
    if (size < 32) return Buffer.concat([Uint8Array.of(0x91, 0xa0 + size), utf8]);
    if (size < 256) return Buffer.concat([Uint8Array.of(0x91, 0xd9, size), utf8]);
    const header = Buffer.from(size < 65_536 ? [0x91, 0xda, 0, 0] : [0x91, 0xdb, 0, 0, 0, 0]);
    header.writeUIntBE(size, 2, header.length - 2);
    return Buffer.concat([header, utf8]);
  }
});

describe("maps", () => {
  test.each([15, 16, 17, 65_535, 65_536])(
    "of %d properties know how many, also in each other",
    (count) => {
      const value = { before: 1, map: mapOf(count), after: [mapOf(16)] };

      expect(decoder.decode(written(value))).toEqual(value);
      expect(readByOthers(written(value))).toEqual(value);
    },
  );

  test("leave out what is undefined, and do not count it", () => {
    const holes = Object.fromEntries(
      Object.keys(mapOf(20)).map((key, i) => [key, i < 15 ? 1 : undefined]),
    );

    expect(written(holes)[0]).toBe(0x8f);
    expect(decoder.decode(written({ a: undefined, b: null }))).toStrictEqual({ b: null });
    expect(hexOf([undefined, new Array(2)])).toBe("92c092c0c0");
  });

  test("may have any key but __proto__", () => {
    const keys = ["", "x__proto__", "__proto__x", "__PROTO__", "0", "1023", "é", "k".repeat(300)];
    const value = Object.fromEntries(keys.map((key, i) => [key, i]));

    expect(decoder.decode(written(value))).toStrictEqual(value);
    expect(encoder.encode({ a: JSON.parse('{"__proto__":1}') })).toBeUndefined();
  });

  test("have no properties but their own", () => {
    const prototype = Object.prototype as { inherited?: unknown };
    prototype.inherited = () => 1;
    try {
      expect(hexOf({ a: 1 })).toBe("81a16101");
      expect(hexOf(Object.assign(Object.create(null), { a: 1 }))).toBe("81a16101");
    } finally {
      delete prototype.inherited;
    }
  });
});

test.each<[string, unknown]>([
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
  ["a bigint", 1n],
  ["NaN", Number.NaN],
  ["an infinity", Number.NEGATIVE_INFINITY],
  ["a date", new Date(0)],
  ["a map", new Map()],
  ["an object of a class", new (class Some {})()],
  ["what says how it looks in JSON", { toJSON: () => 1 }],
  ["what says so where nobody looks", Object.defineProperty({}, "toJSON", { value: () => 1 })],
  ["another view than Uint8Array", new Uint16Array(1)],
  ["memory", new ArrayBuffer(1)],
  ["what inherits from bytes", Object.create(new Uint8Array(1))],
  ["a proxy of bytes", new Proxy(new Uint8Array(1), {})],
  ["a list of a length that is none", new Proxy([], { get: () => -1 })],
  ["a list of half a length", new Proxy([], { get: () => 1.5 })],
])("%s is not plain, wherever it stands", (_, value) => {
  for (const around of [value, [1, value], { a: { b: value } }]) {
    expect(encoder.encode(around)).toBeUndefined();
  }
  expect(encoder.encodeList([1], value)).toBeUndefined();
});

test("a list that gives another length each time is written with its first", () => {
  let lengths = 0;
  const list = new Proxy([1, 2, 3], {
    get: (items, key) => (key === "length" ? (lengths++ % 2) + 2 : Reflect.get(items, key)),
  });

  expect(hexOf([list, 9])).toBe("92920102" + "09");
});

test("nesting has an end: 64 levels, of which a list that is made here is one", () => {
  for (const inner of [null, "text", new Uint8Array(3)]) {
    expect(decoder.decode(written(nest(64, inner)))).toEqual(nest(64, inner));
    expect(decoder.decode(encoder.encodeList([], nest(63, inner)) as Uint8Array)).toEqual(
      nest(64, inner),
    );
  }
  for (const inner of [[], {}]) {
    expect(encoder.encode(nest(63, inner))).toBeDefined();
    expect(encoder.encode(nest(64, inner))).toBeUndefined();
    expect(encoder.encodeList([], nest(62, inner))).toBeDefined();
    expect(encoder.encodeList([], nest(63, inner))).toBeUndefined();
  }
  const circle: Record<string, unknown> = {};
  circle.a = [circle, circle];
  expect(encoder.encode(circle)).toBeUndefined();
});

test("a list is written with the value at its end", () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  for (let length = 13; length < 20; length++) {
    const list = encoder.encodeList(items.slice(0, length), { a: 1 });
    expect(list && decoder.decode(list)).toEqual([...items.slice(0, length), { a: 1 }]);
  }
});
