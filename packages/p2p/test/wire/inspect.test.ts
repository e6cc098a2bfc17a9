import fc from "fast-check";
import { Packr } from "msgpackr";
import { expect, test } from "vitest";
import { pack, unpack } from "../../src/wire/codec.ts";
import { inspect, MAX_DEPTH } from "../../src/wire/inspect.ts";
import { plain } from "../../src/wire/plain.ts";

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** So many arrays in each other. */
const nested = (levels: number): Uint8Array =>
  Uint8Array.from([...Array<number>(levels).fill(0x91), 0xc0]);

test("whatever can travel comes out as it went in", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.uint8Array({ maxLength: 40 }),
  );
  const key = text.filter((name) => !name.endsWith("__proto__"));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      leaf,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (sent) => {
      expect(unpack(Uint8Array.from(pack(plain(sent))))).toEqual(sent);
    }),
    { seed: 1, numRuns: 300 },
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
  expect(() => inspect(bytes(hex))).toThrowError(
    expect.objectContaining({ code: "PROTOCOL_ERROR" }),
  );
});

test("nesting has an end, and it is found without the stack", () => {
  expect(() => inspect(nested(MAX_DEPTH))).not.toThrow();
  expect(() => inspect(nested(MAX_DEPTH + 1))).toThrow("levels of nesting");
  expect(() => inspect(nested(1_000_000))).toThrow("levels of nesting");
});

test("integers of 64 bits that another implementation writes are numbers here", () => {
  expect(unpack(bytes("cf 00 00 00 00 00 00 00 2a"))).toBe(42);
  expect(unpack(bytes("d3 ff ff ff ff ff ff ff ff"))).toBe(-1);
});

test("what travels is told from what cannot, with its place", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const [value, message] of [
    [{ a: [1, () => 1] }, "the value's a.1 is a function"],
    [{ n: Number.NaN }, "the value's n is NaN"],
    [new Map(), "the value is a Map"],
    [circle, "is nested too deep, or circular"],
    [JSON.parse('{"__proto__":1}'), "the value has a key __proto__"],
    [1n, "the value is a bigint"],
  ] as const) {
    expect(() => plain(value)).toThrow(message);
  }
  const when = new Date(0);
  expect(plain({ when, left: undefined, list: [undefined] })).toEqual({
    when: "1970-01-01T00:00:00.000Z",
    list: [null],
  });
});

test("it is MessagePack as others write it", () => {
  const value = { a: [1, "two", null, true, 2.5], b: new Uint8Array([1, 2, 3]) };
  const others = new Packr({ useRecords: false, variableMapSize: true }).pack(value);
  expect(Uint8Array.from(pack(value))).toEqual(Uint8Array.from(others));
});
