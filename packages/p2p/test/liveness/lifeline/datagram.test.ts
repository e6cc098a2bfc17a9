import { expect, test } from "vitest";
import {
  encodeAnswer,
  encodeQuestion,
  keyOf,
  readAnswer,
  readQuestion,
} from "../../../src/liveness/lifeline/datagram.ts";

const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
const ticket = Uint8Array.from({ length: 16 }, (_, index) => 0x40 + index);
const nonce = Uint8Array.from({ length: 16 }, (_, index) => 0x80 + index);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// The vectors of PROTOCOL.md.
test("a question and its answer are these bytes", () => {
  const key = keyOf(secret, ticket);
  const question = encodeQuestion({ ticket, nonce }, key);
  const answer = encodeAnswer({ nonce, tickedMsAgo: 1_234 }, key);
  expect({ key: hex(key), question: hex(question), answer: hex(answer) }).toMatchInlineSnapshot(`
    {
      "answer": "6e4c4131808182838485868788898a8b8c8d8e8f000004d24b0653798290c98f8112e021338aa1c0",
      "key": "6efc2e8df0489b5ab7e9ef2af062a2cc3dc59f2ae70002f4e98bad746de25679",
      "question": "6e4c5131404142434445464748494a4b4c4d4e4f808182838485868788898a8b8c8d8e8fdf27f3a047e558017f99bee100c3944b",
    }
  `);
  const read = readQuestion(question, () => key);
  expect([hex(read?.ticket ?? nonce), hex(read?.nonce ?? ticket)]).toEqual(
    [ticket, nonce].map(hex),
  );
  expect(readAnswer(answer, key)?.tickedMsAgo).toBe(1_234);
});

test("an answer is shorter than its question", () => {
  const key = keyOf(secret, ticket);
  const answer = encodeAnswer({ nonce, tickedMsAgo: 2 ** 40 }, key);
  expect(answer.length).toBeLessThan(encodeQuestion({ ticket, nonce }, key).length);
  expect(readAnswer(answer, key)?.tickedMsAgo).toBe(2 ** 32 - 1);
});

test("every flipped bit, and every other length, is noticed", () => {
  const key = keyOf(secret, ticket);
  const question = encodeQuestion({ ticket, nonce }, key);
  const answer = encodeAnswer({ nonce, tickedMsAgo: 1_234 }, key);
  for (const [bytes, read] of [
    [question, (changed: Uint8Array) => readQuestion(changed, (named) => keyOf(secret, named))],
    [answer, (changed: Uint8Array) => readAnswer(changed, key)],
  ] as const) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(read(changed)).toBeUndefined();
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(read(bytes.subarray(0, length))).toBeUndefined();
    }
    expect(read(Buffer.concat([bytes, bytes]))).toBeUndefined();
  }
});
