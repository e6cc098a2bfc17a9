import { seededRng, systemRng } from "@net/core";
import { expect, test } from "vitest";

test("the same seed gives the same numbers, another seed others", () => {
  const draw = (seed: number): number[] => {
    const rng = seededRng(seed);
    return Array.from({ length: 5 }, () => rng.next());
  };

  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("the sequence never changes: recorded replays depend on it", () => {
  const rng = seededRng(1);
  const first = Array.from({ length: 4 }, () => rng.next() * 2 ** 32);

  expect(first).toEqual([2693262067, 11749833, 2265367787, 4213581821]);
});

test.each([
  ["seeded", seededRng(42)],
  ["the system's", systemRng],
])("%s numbers lie in [0, 1) and spread evenly", (_name, rng) => {
  const buckets = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const value = rng.next();
    expect(value >= 0 && value < 1).toBe(true);
    buckets[Math.floor(value * 10)] = (buckets[Math.floor(value * 10)] ?? 0) + 1;
  }
  for (const count of buckets) expect(count).toBeGreaterThan(800);
});
