import fc from "fast-check";

/** The ends of every size that a number, or a length, can be written in. */
export const EDGES: readonly number[] = [0, 5, 7, 8, 15, 16, 31, 32].flatMap((bits) =>
  [-2, -1, 0, 1].flatMap((more) => [2 ** bits + more, -(2 ** bits) + more]),
);

const numbers: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...EDGES, 2 ** 53 - 1, -(2 ** 53) + 1, 0.5),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Of all lengths about those where something changes, and of characters of one to four bytes. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 140 }),
  fc
    .tuple(fc.constantFrom("a", "é", "€", "😀"), fc.integer({ min: 0, max: 300 }))
    .map(([character, times]) => character.repeat(times)),
);

export const keys: fc.Arbitrary<string> = fc
  .oneof(
    texts,
    fc.constantFrom("", "id", "name", "x__proto__", "__proto__x", "constructor", "toString"),
    fc.nat({ max: 5_000 }).map(String),
  )
  .filter((key) => key !== "__proto__");

const leaves: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false),
  numbers,
  texts,
  fc.uint8Array({ maxLength: 300 }),
);

/** Whatever can travel, as it comes out again. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaves,
    fc.array(tie("value"), { maxLength: 40 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 40, noNullPrototype: true }),
  ),
})).value;

/** So many arrays in each other, the innermost with that in it. */
export function nest(levels: number, inner: unknown = null): unknown {
  let value = inner;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}
