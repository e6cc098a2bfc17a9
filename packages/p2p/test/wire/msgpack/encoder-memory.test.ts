import fc from "fast-check";
import { expect, test } from "vitest";
import { Decoder } from "../../../src/wire/msgpack/decoder.ts";
import { Encoder } from "../../../src/wire/msgpack/encoder.ts";
import { values } from "./support/values.ts";

// Messages are written one after the other into memory that they share. Whatever happens meanwhile, those that were handed out
// stay as they are.

/** As much as is asked for at a time. */
const SLAB_BYTES = 16 * 1024;
const decoder = new Decoder();

/** Keeps what was written, and what it was. */
class Keeper {
  readonly #kept: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = [];

  keep(bytes: Uint8Array | undefined): void {
    if (bytes) this.#kept.push({ bytes, copy: Uint8Array.from(bytes) });
  }

  assertUntouched(): void {
    for (const { bytes, copy } of this.#kept) expect(Buffer.compare(bytes, copy)).toBe(0);
    for (const [i, { bytes }] of this.#kept.entries()) {
      for (const { bytes: other } of this.#kept.slice(0, i))
        expect(overlap(bytes, other)).toBe(false);
    }
  }
}

function overlap(a: Uint8Array, b: Uint8Array): boolean {
  if (a.buffer !== b.buffer) return false;
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

function fail(): never {
  throw new Error("a getter fails");
}

test("messages stay as they are while others are written, refused, and given up", () => {
  const sizes = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 20_000 }), fc.nat({ max: 70_000 }));
  const step = fc.oneof(
    values.map((value) => ({ value })),
    sizes.map((size) => ({ value: { bytes: new Uint8Array(size).fill(1) } })),
    sizes.map((size) => ({ value: ["x".repeat(size), "é".repeat(size % 5_000)] })),
    sizes.map((size) => ({ value: ["x".repeat(size), () => 1] })),
    sizes.map((size) => ({
      value: [
        "x".repeat(size),
        {
          get a() {
            return fail();
          },
        },
      ],
    })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const encoder = new Encoder();
      const keeper = new Keeper();
      for (const { value } of steps) {
        try {
          keeper.keep(encoder.encode(value));
        } catch (error) {
          expect(error).toHaveProperty("message", "a getter fails");
        }
      }
      keeper.assertUntouched();
    }),
    { seed: 21, numRuns: 60 },
  );
});

/** A map of so many properties, which are all that. */
const mapOf = (count: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, value]));

test.each<[string, unknown]>([
  ["a map of truths that gets a longer header", mapOf(20, true)],
  ["a map of texts that gets a longer header", mapOf(20, "text")],
  ["a map of numbers that gets a longer header", mapOf(20, 0.5)],
  ["a map of bytes that gets a longer header", mapOf(20, new Uint8Array(3))],
  ["maps in maps", { a: { b: mapOf(17, { c: null }) } }],
  ["keys of all kinds", { "": 1, é: 2, ["k".repeat(30)]: 3, ["é".repeat(20)]: 4, 12: 5 }],
  ["texts whose headers are longer than thought", ["é".repeat(30), "€".repeat(100)]],
  ["short texts", Array.from({ length: 30 }, (_, i) => "x".repeat(i))],
  ["numbers of all sizes", Array.from({ length: 16 }, (_, i) => [4 ** i, -(4 ** i), i + 0.5])],
  ["bytes", [new Uint8Array(13).fill(7), new Uint8Array(0), new Uint8Array(256).fill(8)]],
  ["lists", [new Array(17).fill(true), [], [[]], new Array(20).fill([])]],
])("the end of the memory may be reached in %s, at any byte", (_, value) => {
  // With fewer bytes left a message begins in new memory, so that it is the last ones of a longer message that get there.
  const message = [new Uint8Array(600).fill(6), value];
  const expected = Uint8Array.from(new Encoder().encode(message) as Uint8Array);
  for (let left = 590; left <= expected.byteLength + 10; left++) {
    const encoder = new Encoder();
    const before = encoder.encode(new Uint8Array(SLAB_BYTES - left - 3).fill(9));
    const bytes = encoder.encode(message);
    expect(bytes && Buffer.compare(bytes, expected), `${left} bytes left`).toBe(0);
    expect(before?.subarray(3).every((byte) => byte === 9)).toBe(true);
  }
});

test.each([
  [512, true],
  [511, false],
])("with %d bytes left the memory is used further: %s", (left, isUsed) => {
  const encoder = new Encoder();
  const before = encoder.encode(new Uint8Array(SLAB_BYTES - left - 3));

  expect(encoder.encode("short")?.buffer === before?.buffer).toBe(isUsed);
});

test("short messages share memory, and what a long one took is not kept for them", () => {
  const encoder = new Encoder();
  const [first, second] = [encoder.encode("first"), encoder.encode("second")];
  const long = encoder.encode("x".repeat(100_000));
  const third = encoder.encode("third");

  expect(second?.buffer).toBe(first?.buffer);
  expect(first?.buffer.byteLength).toBe(SLAB_BYTES);
  expect(third?.buffer).not.toBe(long?.buffer);
  expect(third?.buffer.byteLength).toBe(SLAB_BYTES);
});

test("the memory of a long text is in proportion to it", () => {
  for (const length of [5_000, 16_384, 16_385, 1_000_000]) {
    const bytes = new Encoder().encode("x".repeat(length));
    expect(bytes?.buffer.byteLength).toBeLessThan(6 * length + 2 * SLAB_BYTES);
  }
  const large = new Encoder().encode("x".repeat(1_000_000));
  expect(large?.buffer.byteLength).toBeLessThan(2_001_000);
});

test("a getter may itself write messages, and both come out whole", () => {
  const encoder = new Encoder();
  const keeper = new Keeper();
  const inner: (Uint8Array | undefined)[] = [];
  const value = {
    before: "b".repeat(300),
    get made() {
      inner.push(encoder.encode({ inner: "i".repeat(600) }), encoder.encodeList([1], "two"));
      return "made";
    },
    after: Array.from({ length: 2_000 }, (_, i) => i),
  };
  const outer = encoder.encode(value);
  for (const bytes of [...inner, outer, encoder.encode("next")]) keeper.keep(bytes);

  expect(outer && decoder.decode(outer)).toEqual({ ...value, made: "made" });
  expect(inner.length).toBeGreaterThan(0);
  for (const [i, bytes] of inner.entries()) {
    const expected = i % 2 === 0 ? { inner: "i".repeat(600) } : [1, "two"];
    expect(bytes && decoder.decode(bytes)).toEqual(expected);
  }
  keeper.assertUntouched();
});

test("proxies are read as what they stand for, even if they write messages meanwhile", () => {
  const encoder = new Encoder();
  const inner: (Uint8Array | undefined)[] = [];
  const nosy = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, key, receiver) => {
        inner.push(encoder.encode(String(key)));
        return Reflect.get(of, key, receiver) as unknown;
      },
    });
  const value = { map: { a: 1, b: [2, "three"] }, list: [{ c: 4 }, 5] };
  const bytes = encoder.encode(nosy({ map: nosy(value.map), list: nosy(value.list) }));

  expect(bytes && decoder.decode(bytes)).toEqual(value);
  expect(inner.map((each) => each && decoder.decode(each))).toContain("list");
});

test.each<[string, () => unknown]>([
  ["fails", fail],
  ["is not plain", () => () => 1],
])("after a getter that %s the memory is used again", (_, get) => {
  const encoder = new Encoder();
  const before = encoder.encode("before");
  const bad = {
    a: "a".repeat(1_000),
    get b() {
      return get();
    },
  };
  try {
    encoder.encode(bad);
    encoder.encodeList([1, 2], bad);
  } catch {
    expect(() => encoder.encodeList([1, 2], bad)).toThrow("a getter fails");
  }
  const after = encoder.encode("after");

  expect(before && decoder.decode(before)).toBe("before");
  expect(after && decoder.decode(after)).toBe("after");
  expect(after?.buffer).toBe(before?.buffer);
  expect(after?.byteOffset).toBe(before?.byteLength);
});

test("messages whose memory is given away do not take later ones with them", () => {
  const encoder = new Encoder();
  const given = encoder.encode("given away") as Uint8Array<ArrayBuffer>;
  structuredClone(given, { transfer: [given.buffer] });
  const later = encoder.encode({ later: [1, 2, 3] });

  expect(later && decoder.decode(later)).toEqual({ later: [1, 2, 3] });
});
