import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyCache } from "../../../src/wire/msgpack/key-cache.ts";

/** What the cache has for that key, which stands among other bytes. */
function find(cache: KeyCache, key: string): string | undefined {
  const utf8 = Buffer.from(key);
  return cache.find(Buffer.concat([Buffer.from("~~~"), utf8, Buffer.from("~~")]), 3, utf8.length);
}

test("a key is found once it was kept, and before that it is not", () => {
  const cache = new KeyCache();
  for (const key of ["a", "id", "12", "a key", "k".repeat(32)]) {
    expect(find(cache, key)).toBeUndefined();
    expect(cache.keep(key)).toBe(key);
    expect(find(cache, key)).toBe(key);
  }
});

test("empty and long keys are not kept, but given back", () => {
  const cache = new KeyCache();
  for (const key of ["", "k".repeat(33), "k".repeat(1_000)]) {
    expect(cache.keep(key)).toBe(key);
    expect(find(cache, key)).toBeUndefined();
  }
});

test("long keys take nobody's place", () => {
  const cache = new KeyCache();
  const kept = ["a", "id", "12", "k".repeat(32)].map((key) => cache.keep(key));
  const ascii = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));
  for (const length of [33, 34, 35, 36]) {
    for (const first of ascii)
      for (const last of ascii) cache.keep(first.padEnd(length - 1) + last);
  }

  expect(kept.map((key) => find(cache, key))).toEqual(kept);
});

test("of keys in the same place the last is found, and never another one", () => {
  const cache = new KeyCache();
  // Length, first, middle and last character are the same.
  const [one, other] = ["a1cde2g", "a9cde8g"];
  cache.keep(one);
  expect(find(cache, other)).toBeUndefined();
  cache.keep(other);

  expect(find(cache, other)).toBe(other);
  expect(find(cache, one)).toBeUndefined();
});

test("keys that begin like a kept one, or with which it begins, are others", () => {
  const cache = new KeyCache();
  cache.keep("aaaa");

  for (const key of ["a", "aa", "aaa", "aaaaa", "aaab", "baaa", "abaa"]) {
    expect(find(cache, key)).toBeUndefined();
  }
});

test("bytes of which only the lower bits are those of a key are no such key", () => {
  const cache = new KeyCache();
  cache.keep("key");

  expect(cache.find(Uint8Array.from([0xeb, 0xe5, 0xf9]), 0, 3)).toBeUndefined();
});

test("whatever is kept, what is found is what stands there", () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "0", "_"), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 100 }), (list) => {
      const cache = new KeyCache();
      for (const each of list) {
        expect([undefined, each]).toContain(find(cache, each));
        cache.keep(each);
        expect(find(cache, each)).toBe(each);
      }
    }),
    { seed: 41, numRuns: 200 },
  );
});
