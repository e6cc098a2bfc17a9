import assert from "node:assert/strict";
import { constants } from "node:buffer";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decoder } from "../../../src/wire/msgpack/decoder.ts";
import { Encoder } from "../../../src/wire/msgpack/encoder.ts";
import { readByOthers, theirs, theirsAtLength } from "./support/others.ts";
import { SizedWriter } from "./support/sizes.ts";
import { keys, nest, values } from "./support/values.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const decoder = new Decoder();
const encoder = new Encoder();

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hexOf = (text: string): string => Buffer.from(text).toString("hex");

/** A map of one property in that many bytes of key. */
const mapWith = (key: string | Uint8Array): Uint8Array => {
  const utf8 = Buffer.from(key);
  return Uint8Array.from([0x81, 0xd9, utf8.length, ...utf8, 0xc0]);
};

const refusal: unknown = expect.objectContaining({ code: "PROTOCOL_ERROR" });

test("what others write we read", () => {
  fc.assert(
    fc.property(values, (value) => {
      // They write -0 as 0, and so cannot tell.
      const unsigned = withoutNegativeZero(value);
      assert.deepEqual(decoder.decode(theirs(unsigned)), unsigned);
      assert.deepEqual(decoder.decode(theirsAtLength(unsigned)), unsigned);
    }),
    { seed: 31, numRuns: 200 },
  );
});

test("every size that a value may be written in is read", () => {
  fc.assert(
    fc.property(values, fc.infiniteStream(fc.nat()), (value, choices) => {
      const writer = new SizedWriter((sizes) => (choices.next().value as number) % sizes);
      assert.deepEqual(decoder.decode(writer.write(value)), value);
    }),
    { seed: 32, numRuns: 200 },
  );
});

test.each([
  ["cf 00 00 00 00 00 00 00 2a", 42],
  ["cf 00 1f ff ff ff ff ff ff", 2 ** 53 - 1],
  ["cf ff ff ff ff ff ff ff ff", 2 ** 64],
  ["cf 80 00 00 00 00 00 04 01", Number(0x8000000000000401n)],
  ["d3 ff ff ff ff ff ff ff ff", -1],
  ["d3 ff ff ff ff 00 00 00 00", -(2 ** 32)],
  ["d3 ff e0 00 00 00 00 00 01", -(2 ** 53) + 1],
  ["d3 80 00 00 00 00 00 00 00", -(2 ** 63)],
  ["d3 7f ff ff ff ff ff ff ff", 2 ** 63],
  ["d0 80", -128],
  ["d1 80 00", -32_768],
  ["d2 80 00 00 00", -(2 ** 31)],
  ["ce ff ff ff ff", 2 ** 32 - 1],
  ["ca 3f c0 00 00", 1.5],
  ["cb 80 00 00 00 00 00 00 00", -0],
  ["e0", -32],
  ["7f", 127],
])("%s is a number", (hex, value) => {
  expect(decoder.decode(bytesOf(hex))).toBe(value);
});

test("every byte string is a view of what it came in, also at an offset", () => {
  const message = bytesOf("93 c4 02 0102 c5 0003 030405 c6 00000001 06");
  const memory = new Uint8Array(100).fill(0xee);
  memory.set(message, 33);
  const read = decoder.decode(memory.subarray(33, 33 + message.length)) as Uint8Array[];

  expect(read).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5), Uint8Array.of(6)]);
  expect(read.map(({ buffer, byteOffset }) => [buffer === memory.buffer, byteOffset])).toEqual([
    [true, 36],
    [true, 41],
    [true, 49],
  ]);
});

describe("keys", () => {
  test("are those that were written, however often they come and whatever came before", () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 60 }), (list) => {
        const maps = list.map((key) => ({ [key]: key }));
        assert.deepEqual(decoder.decode(theirs(maps)), maps);
      }),
      { seed: 33, numRuns: 200 },
    );
  });

  test.each(["a0", "d9 00", "da 0000", "db 00000000"])("may be empty (%s)", (key) => {
    expect(decoder.decode(bytesOf(`81 ${key} 01`))).toStrictEqual({ "": 1 });
  });

  test.each(["a9", "d9 09", "da 0009", "db 00000009"])("are not __proto__ (%s)", (header) => {
    const message = bytesOf(`81 ${header} ${hexOf("__proto__")} 80`);
    for (let i = 0; i < 3; i++) expect(() => decoder.decode(message)).toThrow("a key __proto__");
  });

  test.each(["x__proto__", "__proto__x", "_proto__", "__proto_", "__Proto__", "constructor"])(
    "may be %s, and change no prototype",
    (key) => {
      const map = decoder.decode(mapWith(key)) as object;

      expect(Object.keys(map)).toEqual([key]);
      expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
    },
  );

  test.each([
    ["c0", "nil"],
    ["01", "a number"],
    ["c4 01 61", "bytes"],
    ["90", "a list"],
    ["80", "a map"],
    ["c2", "false"],
    ["e0", "a negative number"],
    ["9f", "a long list"],
  ])("are texts: %s is %s", (key) => {
    expect(() => decoder.decode(bytesOf(`81 ${key} c0`))).toThrow("a key that is no text");
  });

  test("that are no UTF-8 are read with U+FFFD for it, each time", () => {
    for (const key of ["ff", "61 ff 62", "c3", "e2 82", "f0 9f 98", "ff ff ff ff", "ed a0 80"]) {
      const expected = { [Buffer.from(bytesOf(key)).toString()]: null };
      for (let i = 0; i < 3; i++) {
        expect(decoder.decode(mapWith(bytesOf(key)))).toStrictEqual(expected);
      }
    }
  });

  test("that are no UTF-8 are not taken for those whose characters have the same numbers", () => {
    for (const key of ["é", "xÿ", "x\u0080y"]) {
      const spoilt = Buffer.from(key, "latin1");
      expect(decoder.decode(mapWith(key))).toStrictEqual({ [key]: null });
      expect(decoder.decode(mapWith(spoilt))).toStrictEqual({ [spoilt.toString()]: null });
    }
  });

  test("that come twice are one property, and the last counts", () => {
    expect(decoder.decode(bytesOf("82 a161 01 a161 02"))).toStrictEqual({ a: 2 });
  });
});

describe("what breaks off or is spoilt", () => {
  const message = theirs({
    id: 7,
    text: "a text that is rather longer than a short one, and so on",
    list: [1, -1, 300, -300, 70_000, -70_000, 1.5, null, true],
    bytes: new Uint8Array(20),
    map: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`key ${i}`, { i }])),
  });

  test("a value that is cut short anywhere is refused", () => {
    for (let length = 0; length < message.length; length++) {
      expect(() => decoder.decode(message.subarray(0, length))).toThrow(refusal as Error);
    }
    expect(decoder.decode(message)).toMatchObject({ id: 7 });
  });

  test("a value with anything after it is refused", () => {
    for (const more of [[0], [0xc0, 0xc1], message]) {
      expect(() => decoder.decode(Uint8Array.from([...message, ...more]))).toThrow(
        `${more.length} bytes too many`,
      );
    }
  });

  test("a bit that is flipped, and bytes that are made up, give a value or a ProtocolError", () => {
    const flipped = fc
      .array(fc.tuple(fc.nat({ max: message.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 })
      .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.with(at, byte), message));
    const types = fc.oneof(
      fc.integer({ min: 0x80, max: 0xdf }),
      fc.nat({ max: 255 }),
      fc.nat({ max: 9 }),
    );
    const madeUp = fc.array(types, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.oneof(flipped, madeUp), (bytes) => {
        let value: unknown;
        try {
          value = decoder.decode(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "ProtocolError", code: "PROTOCOL_ERROR" });
          return;
        }
        assert.deepEqual(value, readByOthers(bytes));
        // What is accepted can be sent on, but for NaN and infinities.
        const again = encoder.encode(value);
        if (again) assert.deepEqual(decoder.decode(again), value);
      }),
      { seed: 34, numRuns: 4_000 },
    );
  });

  test("after a refusal the next value is read as ever", () => {
    expect(() => decoder.decode(message.subarray(0, 50))).toThrow(refusal as Error);
    expect(decoder.decode(bytesOf("92 a3616263 81 a161 01"))).toEqual(["abc", { a: 1 }]);
  });

  test.each([0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8])(
    "there are no values of type %d",
    (type) => {
      expect(() => decoder.decode(Uint8Array.from([type, ...new Uint8Array(40)]))).toThrow(
        `a value of type 0x${type.toString(16)}`,
      );
    },
  );
});

describe("memory is taken only for what is there", () => {
  test.each([
    ["an array of 16 bits", "dc ffff c0"],
    ["an array of 32 bits", "dd ffffffff c0"],
    ["a short array", "92 c0"],
    ["a map of 16 bits", "de ffff a0 c0"],
    ["a map of 32 bits", "df ffffffff a0 c0"],
    ["a short map with half of what it takes", "82 a0 c0 a0"],
    ["a text of 8 bits", "d9 02 61"],
    ["a text of 32 bits", "db ffffffff 61"],
    ["a short text", "a2 61"],
    ["bytes of 16 bits", "c5 0002 61"],
    ["bytes of 32 bits", "c6 ffffffff 61"],
    ["a key", "81 a2 61"],
    ["a key of 32 bits", "81 db ffffffff 61 c0"],
  ])("%s whose length does not fit is refused by its length", (_, hex) => {
    expect(() => decoder.decode(bytesOf(hex))).toThrow("a length that does not fit");
  });

  test("what just fits is taken", () => {
    expect(decoder.decode(bytesOf("dc 0002 c0 c0"))).toEqual([null, null]);
    expect(decoder.decode(bytesOf("de 0001 a0 c0"))).toEqual({ "": null });
    expect(decoder.decode(bytesOf("d9 01 61"))).toBe("a");
    expect(decoder.decode(bytesOf("c6 00000001 61"))).toEqual(Uint8Array.of(0x61));
  });

  test("arrays and maps have exactly the length that they say", () => {
    for (const length of [0, 1, 15, 16, 63, 64, 65, 1_000, 65_536]) {
      const list = Array.from({ length }, (_, i) => i);
      expect(decoder.decode(theirs(list))).toStrictEqual(list);
    }
  });

  test.each(["1023", "100", "400", "999"])(
    "a key %s gets no room for smaller ones",
    async (key) => {
      const type = (0xa0 + key.length).toString(16);
      expect(await heapOf(`81 ${type} ${hexOf(key)} c0`)).toBeLessThan(400);
      expect(await heapOf(`82 a1 ${hexOf("7")} c0 ${type} ${hexOf(key)} c0`)).toBeLessThan(600);
    },
  );

  test("a list of one gets no room for more", async () => {
    expect(await heapOf("91 c0")).toBeLessThan(120);
  });

  test("lists in each other that all claim the same bytes get room for none of it twice", () => {
    const claims = Buffer.from("dd000f4240".repeat(64), "hex");
    const message = Buffer.concat([claims, new Uint8Array(1_000_000)]);
    const before = process.resourceUsage().maxRSS;

    expect(() => decoder.decode(message)).toThrow("an end that comes too early");
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(200 * 1_024);
  });

  test("a text that is longer than a string can be is refused", () => {
    const length = constants.MAX_STRING_LENGTH + 1;
    const bytes = new Uint8Array(5 + length);
    bytes[0] = 0xdb;
    new DataView(bytes.buffer).setUint32(1, length);

    expect(() => decoder.decode(bytes)).toThrow(refusal as Error);
  });

  /** How much each of many such values takes. */
  async function heapOf(hex: string): Promise<number> {
    const count = 20_000;
    const one = bytesOf(hex);
    const all = Buffer.concat([
      bytesOf(`dd ${count.toString(16).padStart(8, "0")}`),
      ...Array<Uint8Array>(count).fill(one),
    ]);
    // What a job has made lives until its end.
    await new Promise(setImmediate);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const value = decoder.decode(all) as unknown[];
    collectGarbage();
    const bytes = process.memoryUsage().heapUsed - before;
    expect(value).toHaveLength(count);
    return bytes / count;
  }
});

test("nesting has an end, and it is found without the stack", () => {
  const nested = (levels: number, type: string): Uint8Array => bytesOf(`${type.repeat(levels)} c0`);
  for (const type of ["91", "dc0001", "81a0", "df00000001a161"]) {
    expect(() => decoder.decode(nested(64, type))).not.toThrow();
    expect(() => decoder.decode(nested(65, type))).toThrow("more than 64 levels of nesting");
    expect(() => decoder.decode(nested(100_000, type))).toThrow("levels of nesting");
  }
  expect(decoder.decode(theirs(nest(64, "inner")))).toEqual(nest(64, "inner"));
});

function withoutNegativeZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)]),
  );
}
