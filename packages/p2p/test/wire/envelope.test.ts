import { expect, test } from "vitest";
import { encodeRouted, leadsBack, readEnvelope, wayBack } from "../../src/wire/envelope.ts";
import { decodeFrame, encodeFrame } from "../../src/wire/frame.ts";
import { FrameKind } from "../../src/wire/kinds.ts";

function envelopeAt(hop: number, path: unknown): ReturnType<typeof readEnvelope> {
  const frame = encodeFrame(FrameKind.message, { path: path as string[] }, undefined, hop);
  return readEnvelope(decodeFrame(frame));
}

test("a frame starts at the second peer of its path", () => {
  const frame = decodeFrame(encodeRouted(FrameKind.message, ["a", "b", "c"], { type: "x" }));

  expect(readEnvelope(frame)).toMatchObject({ origin: "a", destination: "c", frame: { hop: 1 } });
});

test.each([
  ["no list", "a,b"],
  ["one peer", ["a"]],
  ["nine peers", ["a", "b", "c", "d", "e", "f", "g", "h", "i"]],
  ["a loop", ["a", "b", "a"]],
  ["an id that is too long", ["a", "b".repeat(129)]],
  ["an id that is empty", ["a", ""]],
  ["an id that is no text", ["a", 1]],
])("a path with %s is refused", (_, path) => {
  expect(() => envelopeAt(1, path)).toThrow("path");
});

test.each([0, 2, 255])("hop %d of a path of two is refused", (hop) => {
  expect(() => envelopeAt(hop, ["a", "b"])).toThrow("hop");
});

test("the way back starts where the frame is", () => {
  expect(wayBack(envelopeAt(1, ["a", "b", "c"]))).toEqual(["b", "a"]);
  expect(wayBack(envelopeAt(2, ["a", "b", "c"]))).toEqual(["c", "b", "a"]);
});

test("only a way along the same peers leads back", () => {
  const path = ["a", "b", "c"];

  expect(leadsBack(["c", "b", "a"], path)).toBe(true);
  expect(leadsBack(["b", "a"], path)).toBe(true);
  expect(leadsBack(["c", "a"], path)).toBe(false);
  expect(leadsBack(["d", "b", "a"], path)).toBe(false);
  expect(leadsBack(["d", "c", "b", "a"], path)).toBe(false);
});
