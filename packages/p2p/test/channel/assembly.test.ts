import { expect, test } from "vitest";
import { Assembly } from "../../src/channel/assembly.ts";

const MAX = 1_000;
const bytes = (length: number, value = 1): Uint8Array => new Uint8Array(length).fill(value);

test("the pieces of several messages may come in between each other", () => {
  const assembly = new Assembly(MAX);
  expect(assembly.add(1, bytes(2, 1), false)).toBeUndefined();
  expect(assembly.add(2, bytes(1, 2), false)).toBeUndefined();
  expect(assembly.add(1, bytes(1, 1), true)).toEqual(bytes(3, 1));
  expect(assembly.add(2, bytes(1, 2), true)).toEqual(bytes(2, 2));
});

test("a message that grows too large ends it", () => {
  const assembly = new Assembly(MAX);
  assembly.add(1, bytes(MAX), false);
  expect(() => assembly.add(1, bytes(1), true)).toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
  );
});

test("more than 64 messages at the same time are too many, and so is four times the largest", () => {
  const many = new Assembly(MAX);
  for (let n = 0; n < 64; n++) many.add(n, bytes(1), false);
  expect(() => many.add(64, bytes(1), false)).toThrow("more than 64 messages");
  const large = new Assembly(MAX);
  for (let n = 0; n < 4; n++) large.add(n, bytes(MAX), false);
  expect(() => large.add(4, bytes(1), false)).toThrow(
    expect.objectContaining({ code: "OVERLOADED" }),
  );
});

test("a message that was given up makes room", () => {
  const assembly = new Assembly(MAX);
  for (let round = 0; round < 100; round++) {
    for (let n = 0; n < 4; n++) assembly.add(n, bytes(MAX), false);
    for (let n = 0; n < 4; n++) assembly.abandon(n);
  }
  expect(assembly.add(9, bytes(MAX), true)).toEqual(bytes(MAX));
});
