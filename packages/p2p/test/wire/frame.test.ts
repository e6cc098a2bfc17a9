import { ProtocolError } from "@net/core";
import { expect, test } from "vitest";
import { decodeFrame, encodeFrame, MAX_HEADER_BYTES, nextHop } from "../../src/wire/frame.ts";
import { FrameKind } from "../../src/wire/kinds.ts";

const body = new TextEncoder().encode("the body");
const frame = encodeFrame(FrameKind.message, { type: "hello" }, body, 3);

function withByte(index: number, value: number): Uint8Array {
  return frame.with(index, value);
}

test("a frame comes out as it went in", () => {
  expect(decodeFrame(frame)).toEqual({
    ...{ kind: FrameKind.message, hop: 3, header: { type: "hello" }, body, bytes: frame },
  });
});

test("the layout is the one that is written down", () => {
  const [prefix, header] = ["000500000000000c", Buffer.from('{"number":1}').toString("hex")];

  expect(Buffer.from(encodeFrame(FrameKind.ping, { number: 1 })).toString("hex")).toBe(
    `${prefix}${header}`,
  );
});

test("a header alone is a frame", () => {
  expect(decodeFrame(encodeFrame(FrameKind.ready, {})).body).toHaveLength(0);
});

test("a frame that was cut anywhere before its body is refused", () => {
  for (let length = 0; length < frame.length - body.length; length++) {
    expect(() => decodeFrame(frame.subarray(0, length))).toThrow(ProtocolError);
  }
});

test.each([
  ["another version", withByte(0, 1), "version 1"],
  ["an unknown kind", withByte(1, 99), "kind 99"],
  ["a reserved byte that is set", withByte(3, 1), "reserved"],
  ["a header that is no JSON", withByte(8, 0x21), "no JSON"],
  ["a header that is no UTF-8", withByte(10, 0xff), "no JSON"],
  ["a header that is longer than allowed", withByte(5, 0xff), "over the limit"],
])("%s is refused", (_, bytes, message) => {
  expect(() => decodeFrame(bytes)).toThrow(ProtocolError);
  expect(() => decodeFrame(bytes)).toThrow(message);
});

test("a header that is JSON but no object is refused", () => {
  const bytes = encodeFrame(FrameKind.ping, [] as never);

  expect(() => decodeFrame(bytes)).toThrow("no JSON object");
});

test("a header over the limit is not even sent", () => {
  const long = "x".repeat(MAX_HEADER_BYTES);

  expect(() => encodeFrame(FrameKind.ping, { long })).toThrow("over the limit");
});

test("on its way a frame changes in one byte, and the old one stays", () => {
  const before = frame.slice();
  const next = nextHop(decodeFrame(frame));

  expect(next).toEqual(frame.with(2, 4));
  expect(frame).toEqual(before);
});

test("a frame that lies within a larger buffer is read in its bounds", () => {
  const larger = new Uint8Array(frame.length + 20);
  larger.set(frame, 10);

  expect(decodeFrame(larger.subarray(10, 10 + frame.length)).body).toEqual(body);
});
