import { ValidationError } from "@net/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashArgs } from "../../src/ledger/args-hash.ts";

test("arguments that mean the same have the same fingerprint", () => {
  const same: readonly (readonly [unknown, unknown])[] = [
    [
      { a: 1, b: [2, { c: 3, d: 4 }] },
      { b: [2, { d: 4, c: 3 }], a: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [-0, 0],
    [new Uint8Array([1, 2]), Buffer.from([1, 2])],
  ];
  for (const [one, other] of same) expect(hashArgs(one)).toBe(hashArgs(other));
});

test("arguments that differ anywhere have different ones", () => {
  const values: readonly unknown[] = [
    ...[undefined, null, "", "null", 0, "0", 1, 1n, true, "true", Number.NaN],
    ...[[], {}, [[]], [{}], [[], []], [undefined], "list 0", ["a", "b"], ["ab"], ["b", "a"]],
    ...[{ a: 1 }, { a: "1" }, { b: 1 }, { a: { b: 1 } }, { ab: 1 }, [["a", 1]]],
    ...[new Uint8Array([97]), "a", new Uint8Array(), new Date(0), new Date(1)],
    ...[new Map([["a", 1]]), new Set(["a"]), ["map", ["a", 1]], ["set", "a"]],
  ];

  expect(new Set(values.map(hashArgs)).size).toBe(values.length);
});

test("only the order of keys and absent values make no difference, whatever the arguments", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const canonical = (value: unknown): string => JSON.stringify(sorted(value));
      expect(hashArgs(one) === hashArgs(other)).toBe(canonical(one) === canonical(other));
      expect(hashArgs(sorted(one))).toBe(hashArgs(one));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("what cannot travel has none", () => {
  const circle: unknown[] = [];
  circle.push(circle);

  for (const args of [() => {}, [Symbol("x")], circle]) {
    expect(() => hashArgs(args)).toThrow(ValidationError);
  }
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
