import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { countWords, mergeCounts, splitLines } from "../src/peer/words.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("words are counted without regard to case, the most frequent first", () => {
  expect(countWords(bytes("One fish, two FISH. Zwölf Fische – don’t!\nx-ray 42"))).toEqual([
    ["fish", 2],
    ["42", 1],
    ["don’t", 1],
    ["fische", 1],
    ["one", 1],
    ["two", 1],
    ["x-ray", 1],
    ["zwölf", 1],
  ]);
});

test("names of an object's own members are words like others", () => {
  expect(countWords(bytes("constructor toString constructor"))).toEqual([
    ["constructor", 2],
    ["tostring", 1],
  ]);
});

test("however a text is cut at its line ends, the pieces add up to the whole", () => {
  const rng = seededRng(5);
  for (let round = 0; round < 100; round++) {
    const words = Array.from({ length: 200 }, () => `w${Math.floor(rng.next() * 20)}`);
    const text = bytes(words.map((word) => word + (rng.next() < 0.2 ? "\n" : " ")).join(""));
    const pieces = splitLines(text, 1 + Math.floor(rng.next() * 30));

    expect(Buffer.concat(pieces).equals(text)).toBe(true);
    expect(mergeCounts(pieces.map(countWords))).toEqual(countWords(text));
  }
});

test("an empty text has no pieces and no words", () => {
  expect(splitLines(bytes(""), 3)).toEqual([]);
  expect(countWords(bytes(""))).toEqual([]);
});
