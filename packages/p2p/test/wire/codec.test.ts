import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pack, packList, unpack } from "../../src/wire/codec.ts";
import { plain } from "../../src/wire/plain.ts";
import { theirs } from "./msgpack/support/others.ts";
import { nest, values } from "./msgpack/support/values.ts";

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

test("whatever can travel comes out as it went in, as it is and as a copy", () => {
  fc.assert(
    fc.property(values, (sent) => {
      assert.deepEqual(unpack(pack(sent)), sent);
      assert.deepEqual(unpack(pack(plain(sent))), sent);
      assert.deepEqual(unpack(packList([1, "two"], sent)), [1, "two", sent]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("bytes that a stranger makes up are a value or a ProtocolError, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (made) => {
      try {
        unpack(made);
      } catch (error) {
        expect(error).toMatchObject({ code: "PROTOCOL_ERROR" });
      }
    }),
    { seed: 2, numRuns: 3_000 },
  );
});

test.each([
  ["nothing", ""],
  ["more than one value", "c0 c0"],
  ["an array that is longer than what is there", "dd ff ff ff ff c0"],
  ["a map that is longer than what is there", "df ff ff ff ff a1 61 c0"],
  ["a text that is longer than what is there", "db ff ff ff ff 61"],
  ["bytes that are longer than what is there", "c6 ff ff ff ff 61"],
  ["half a number", "cb 00 00"],
  ["an extension of one byte", "d4 00 00"],
  ["a timestamp", "d6 ff 00 00 00 00"],
  ["msgpackr's record", "d4 72 40 91 a1 61 c0"],
  ["the byte that MessagePack never uses", "c1"],
  ["a key that is a number", "81 01 c0"],
  ["a key that is a list", "81 90 c0"],
  ["the key __proto__", `81 a9 ${Buffer.from("__proto__").toString("hex")} c0`],
  [
    "the key __proto__ with its length in four bytes",
    `81 db 00 00 00 09 ${Buffer.from("__proto__").toString("hex")} c0`,
  ],
])("%s is refused", (_, hex) => {
  expect(() => unpack(bytes(hex))).toThrowError(
    expect.objectContaining({ code: "PROTOCOL_ERROR" }),
  );
});

test("what travels is told from what cannot, with its place", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const [value, message] of [
    [{ a: [1, () => 1] }, "the value's a.1 is a function"],
    [{ n: Number.NaN }, "the value's n is NaN"],
    [new Map(), "the value is a Map"],
    [Object.create({ inherited: 1 }), "the value is a Object"],
    [Object.create(Object.create(null)), "the value is a thing of no class"],
    [{ a: { constructor: 1 }, b: new Set() }, "the value's b is a Set"],
    [circle, "is nested too deep, or circular"],
    [{ a: { a: circle } }, "is nested too deep, or circular"],
    [JSON.parse('{"__proto__":1}'), "the value has a key __proto__"],
    [1n, "the value is a bigint"],
    [Symbol("s"), "the value is a symbol"],
  ] as const) {
    const refused = expect.objectContaining({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(message),
    });
    expect(() => plain(value)).toThrowError(refused);
    expect(() => pack(value)).toThrowError(refused);
    expect(() => packList([1], value)).toThrowError(refused);
  }
});

test("what is not plain travels as it says itself", () => {
  const when = new Date(0);
  class List extends Array<unknown> {}
  for (const [value, travels] of [
    [
      { when, left: undefined, list: [undefined] },
      { when: "1970-01-01T00:00:00.000Z", list: [null] },
    ],
    [
      [when, new Array(2)],
      ["1970-01-01T00:00:00.000Z", [null, null]],
    ],
    [List.from([when, 2]), ["1970-01-01T00:00:00.000Z", 2]],
    [Object.assign([1], { toJSON: () => 2 }), [1]],
    [
      [when, Object.assign([1], { toJSON: () => 2 })],
      ["1970-01-01T00:00:00.000Z", [1]],
    ],
    [{ hidden: Object.defineProperty({}, "toJSON", { value: () => 3 }) }, { hidden: 3 }],
    [
      [when, Buffer.from("ab")],
      ["1970-01-01T00:00:00.000Z", Uint8Array.of(97, 98)],
    ],
    [Object.assign(Object.create(null), { a: when }), { a: "1970-01-01T00:00:00.000Z" }],
  ] as const) {
    expect(unpack(pack(value))).toStrictEqual(travels);
    expect(unpack(packList([0], value))).toStrictEqual([0, travels]);
  }
});

test("the copy of a list is a list and nothing more, whatever its class does", () => {
  class Picky extends Array<unknown> {
    constructor() {
      super();
      throw new Error("there are no more of these");
    }
  }
  const list: unknown = Object.setPrototypeOf([1, undefined, new Date(0)], Picky.prototype);

  expect(plain(list)).toStrictEqual([1, null, "1970-01-01T00:00:00.000Z"]);
});

test("a copy has 63 levels at most, and bytes are none", () => {
  for (const inner of [null, new Uint8Array(2)]) {
    expect(plain(nest(63, inner))).toEqual(nest(63, inner));
    expect(() => plain(nest(64, inner))).toThrow("is nested too deep, or circular");
  }
});

test("a Buffer in what is plain otherwise travels as bytes", () => {
  expect(unpack(pack({ a: Buffer.from("ab") }))).toStrictEqual({ a: Uint8Array.of(97, 98) });
});

test("a value that lies about itself is refused, even where it looks like bytes", () => {
  for (const value of [new Proxy(new Uint8Array(1), {}), Object.create(Uint8Array.prototype)]) {
    expect(() => pack([value])).toThrowError(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});

describe("a list with a value of an application at its end", () => {
  test("has no such end if the value is undefined, or says that it is", () => {
    for (const value of [undefined, { toJSON: () => undefined }]) {
      expect(unpack(packList([1, "two"], value))).toEqual([1, "two"]);
    }
    expect(unpack(packList([1, "two"], null))).toEqual([1, "two", null]);
  });

  test("takes values of 63 levels, and no more", () => {
    for (const inner of [null, new Uint8Array(2), new Date(0)]) {
      for (const levels of [61, 62, 63]) {
        const list = unpack(packList([1], nest(levels, inner)));
        expect(list).toEqual([1, nest(levels, inner instanceof Date ? inner.toJSON() : inner)]);
      }
      expect(() => packList([1], nest(64, inner))).toThrow("is nested too deep, or circular");
    }
  });

  test("names the place if an item is too deep", () => {
    expect(() => packList([1, { context: nest(63) }], 2)).toThrow(
      /the value's 1\.context\.0.* is nested too deep/,
    );
  });

  test("may be read by whoever it is for: what can be packed can be unpacked", () => {
    for (const levels of [62, 63, 64, 65]) {
      for (const packIt of [pack, (value: unknown) => packList([], value)]) {
        try {
          unpack(packIt(nest(levels)));
        } catch (error) {
          expect(error).toHaveProperty("code", "INVALID_ARGUMENT");
        }
      }
    }
  });
});

test("a value whose getter fails, fails as the getter does", () => {
  const failing = {
    get a() {
      throw new RangeError("a getter fails");
    },
  };
  expect(() => pack(failing)).toThrow(RangeError);
  expect(() => packList([1], [failing])).toThrow(RangeError);
  expect(unpack(pack({ a: 1 }))).toEqual({ a: 1 });
});

test("it is MessagePack as others write it", () => {
  const value = { a: [1, "two", null, true, 2.5], b: new Uint8Array([1, 2, 3]) };
  expect(Uint8Array.from(pack(value))).toEqual(theirs(value));
});
