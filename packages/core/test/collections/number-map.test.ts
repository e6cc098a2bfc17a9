import { NumberMap, seededRng } from "@net/core";
import { expect, test } from "vitest";

test("what was set is found, until it is deleted", () => {
  const map = new NumberMap<string>();
  map.set(7, "seven");
  map.set(7, "again");
  expect([map.get(7), map.has(7), map.size]).toEqual(["again", true, 1]);
  expect(map.delete(7)).toBe(true);
  expect(map.delete(7)).toBe(false);
  expect([map.get(7), map.has(7), map.size]).toEqual([undefined, false, 0]);
});

test("an entry may hold undefined", () => {
  const map = new NumberMap<undefined>();
  map.set(0, undefined);
  expect([map.has(0), map.has(1)]).toEqual([true, false]);
  expect(map.values()).toEqual([undefined]);
});

test("numbers beyond 32 bits are told apart", () => {
  const map = new NumberMap<string>();
  map.set(5, "small");
  map.set(2 ** 32 + 5, "large");
  map.set(Number.MAX_SAFE_INTEGER, "largest");
  expect([map.get(5), map.get(2 ** 32 + 5)]).toEqual(["small", "large"]);
  expect(map.get(Number.MAX_SAFE_INTEGER)).toBe("largest");
});

test("after ten thousand random steps it holds what a Map holds", () => {
  for (const seed of [1, 2, 3]) {
    const rng = seededRng(seed);
    const model = new Map<number, number>();
    const map = new NumberMap<number>();
    for (let step = 0; step < 10_000; step++) {
      // Few keys, of which many collide: multiples of a power of two share their low bits.
      const key = Math.floor(rng.next() * 64) * (rng.next() < 0.5 ? 1 : 2 ** 24);
      if (rng.next() < 0.55) {
        map.set(key, step);
        model.set(key, step);
      } else {
        expect(map.delete(key)).toBe(model.delete(key));
      }
      expect(map.size).toBe(model.size);
    }
    for (const [key, value] of model) expect(map.get(key)).toBe(value);
    expect(map.values().sort()).toEqual([...model.values()].sort());
  }
});

test("calls in a row, each answered before many more begin, need no more room", () => {
  const map = new NumberMap<number>();
  for (let call = 0; call < 100_000; call++) {
    map.set(call, call);
    if (call >= 8) map.delete(call - 8);
  }
  expect(map.values().sort((a, b) => a - b)).toEqual(
    Array.from({ length: 8 }, (_, index) => 99_992 + index),
  );
});
