import { NetworkError, ProtocolError, seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { decodePayload, encodePayload } from "../../src/wire/payload.ts";

const bytes = Uint8Array.of(1, 2, 3);

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a text", "grüße \u{1f44b}"],
  ["a number", -1.5],
  ["an object in an object", { a: { b: [1, "2", null, true] } }],
  ["bytes alone", bytes],
  ["no bytes at all", new Uint8Array()],
  ["bytes in an object", { file: bytes, name: "a" }],
  ["bytes in an array, twice", [bytes, 1, { deep: [bytes] }]],
  ["a key that looks like a place", { "0": bytes, "a.b": bytes, value: bytes }],
  ["what looks like our own envelope", { value: null, bytes: [[["value"], 3]] }],
])("%s comes out as it went in", (_, value) => {
  expect(decodePayload(encodePayload(value))).toEqual(value);
});

test("a key without a value is left out, an item without one becomes null", () => {
  expect(decodePayload(encodePayload({ a: undefined, b: [undefined] }))).toEqual({ b: [null] });
});

test("a Buffer travels as bytes, a date and one of our errors as what they say in JSON", () => {
  const value = { buffer: Buffer.from(bytes), at: new Date(0), error: new ProtocolError("no") };

  expect(decodePayload(encodePayload(value))).toEqual({
    buffer: bytes,
    at: "1970-01-01T00:00:00.000Z",
    error: { name: "ProtocolError", code: "PROTOCOL_ERROR", message: "no", retryable: false },
  });
});

test("bytes are not enlarged on the way", () => {
  expect(encodePayload({ file: new Uint8Array(10_000) }).length).toBeLessThan(10_100);
});

const circular: Record<string, unknown> = {};
circular.self = circular;

test.each([
  ["a bigint", { a: [1n] }, "a.0 is a bigint"],
  ["a function", () => 1, "the value is a function"],
  ["NaN", { a: Number.NaN }, "a is NaN"],
  ["a Map", { a: new Map() }, "a is a Map"],
  ["other typed arrays", new Float64Array(1), "is a Float64Array"],
  ["an object that holds itself", circular, "nested too deep, or circular"],
  ["an object that makes itself into itself", { toJSON: () => circular }, "circular"],
  ["a key that sets prototypes", JSON.parse('{"__proto__": 1}'), "__proto__"],
])("%s is refused by name", (_, value, message) => {
  expect(() => encodePayload(value)).toThrow(ValidationError);
  expect(() => encodePayload(value)).toThrow(message);
});

function payload(json: string, tail: Uint8Array = new Uint8Array()): Uint8Array {
  const head = Buffer.from(json);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, tail]);
}

test.each([
  ["nothing", new Uint8Array()],
  ["a length beyond the end", Uint8Array.of(0, 0, 0, 9, 0x7b)],
  ["no JSON", payload("{")],
  ["JSON that is no envelope", payload("[]")],
  ["no list of bytes", payload('{"value":1}')],
  ["a place that is not there", payload('{"value":{},"bytes":[[["a"],3]]}', bytes)],
  ["a place that is taken", payload('{"value":{"a":1},"bytes":[[["a"],3]]}', bytes)],
  ["a place on a prototype", payload('{"value":{},"bytes":[[["__proto__","a"],3]]}', bytes)],
  ["a place within bytes", payload('{"value":null,"bytes":[[[],2],[[0],1]]}', bytes)],
  ["a place of the wrong type", payload('{"value":null,"bytes":[[[{}],3]]}', bytes)],
  ["bytes beyond the end", payload('{"value":null,"bytes":[[[],4]]}', bytes)],
  ["bytes of a negative length", payload('{"value":null,"bytes":[[[],-1]]}', bytes)],
  ["bytes that belong nowhere", payload('{"value":null,"bytes":[]}', bytes)],
  ["a key that sets prototypes", payload('{"value":{"__proto__":{}},"bytes":[]}')],
  ["endless nesting", payload(`{"value":${"[".repeat(9_999)}${"]".repeat(9_999)},"bytes":[]}`)],
])("%s is no payload", (_, malformed) => {
  expect(() => decodePayload(malformed)).toThrow(ProtocolError);
});

test("whatever bytes do to a payload, it is read or refused, and no prototype changes", () => {
  const rng = seededRng(7);
  const original = encodePayload({ a: [bytes, { b: bytes }], text: "x".repeat(50) });
  for (let round = 0; round < 2_000; round++) {
    const mutated = original.slice(0, Math.ceil(rng.next() * original.length * 1.5));
    for (let flips = 0; flips < 4; flips++) {
      mutated[Math.floor(rng.next() * mutated.length)] = Math.floor(rng.next() * 256);
    }
    try {
      decodePayload(mutated);
    } catch (error) {
      if (!NetworkError.is(error, "PROTOCOL_ERROR")) throw error;
    }
  }
  expect({}).not.toHaveProperty("a");
});
