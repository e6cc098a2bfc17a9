import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeAnswer,
  encodeQuestion,
  QUESTION_BYTES,
  readDatagram,
} from "../../../src/discovery/broadcast/format.ts";
import { MAX_RECORD_BYTES } from "../../../src/discovery/record/peer-record.ts";

const NONCE = 0x0102030405060708n;

interface Vector {
  readonly nonce: string;
  readonly networkId: string;
  /** Without the zeros that follow. */
  readonly question: string;
  readonly record: string;
  readonly answer: string;
}

test("datagrams are what PROTOCOL.md says, byte for byte", () => {
  const path = new URL("../vectors/broadcast.json", import.meta.url);
  const { nonce, networkId, question, record, answer } = JSON.parse(
    readFileSync(path, "utf8"),
  ) as Vector;
  const asked = Buffer.from(encodeQuestion(BigInt(nonce), networkId)).toString("hex");
  const answered = encodeAnswer(BigInt(nonce), Buffer.from(record, "hex"));

  expect(asked).toBe(question.padEnd(2 * QUESTION_BYTES, "0"));
  expect(Buffer.from(answered).toString("hex")).toBe(answer);
});

test("what is encoded is what is read", () => {
  const record = Buffer.from("a record");

  expect(readDatagram(encodeQuestion(NONCE, "home"))).toEqual({
    ...{ kind: "question", nonce: NONCE, networkId: "home" },
  });
  expect(readDatagram(encodeAnswer(NONCE, record))).toEqual({
    ...{ kind: "answer", nonce: NONCE, record },
  });
});

test("no answer is longer than the question that it answers", () => {
  const longest = encodeAnswer(NONCE, new Uint8Array(MAX_RECORD_BYTES));

  expect(longest.byteLength).toBeLessThanOrEqual(encodeQuestion(NONCE, "home").byteLength);
  // It fits the smallest packet that IPv6 links carry whole, with its headers (RFC 8200 §5).
  expect(QUESTION_BYTES).toBeLessThanOrEqual(1_280 - 40 - 8);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["another protocol", Buffer.alloc(QUESTION_BYTES, "x")],
  ["another version", flipped(4)],
  ["a kind that there is not", flipped(5)],
  ["a question that is shorter than its answer", encodeQuestion(NONCE, "home").subarray(0, 100)],
  ["a question without a network", encodeQuestion(NONCE, "home").fill(0, 14)],
  ["what is too long", Buffer.concat([encodeQuestion(NONCE, "home"), Buffer.of(0)])],
])("%s is no datagram of ours", (_, data) => {
  expect(readDatagram(data)).toBeUndefined();
});

function flipped(at: number): Uint8Array {
  return encodeQuestion(NONCE, "home").map((byte, i) => (i === at ? byte ^ 0x40 : byte));
}

test("whatever comes, reading it throws nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_100 }), (bytes) => {
      readDatagram(bytes);
    }),
    { numRuns: 200 },
  );
});
