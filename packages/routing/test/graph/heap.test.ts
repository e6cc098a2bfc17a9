import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { createHeap, growHeap, type Heap, rise, sink } from "../../src/graph/heap.ts";
import { integer } from "./model.ts";

function push(heap: Heap, key: number): void {
  if ((heap.size + 1) * 2 > heap.entries.length) growHeap(heap);
  rise(heap.entries, heap.size++, key, key + 1);
}

/** Takes the lowest key out, and puts another in its place if there is one. */
function pop(heap: Heap, next?: number): number {
  const [key, node] = heap.entries as unknown as [number, number];
  expect(node).toBe(key + 1);
  if (next !== undefined) sink(heap.entries, heap.size, next, next + 1);
  else if (--heap.size > 0) {
    const [lastKey, lastNode] = heap.entries.subarray(heap.size * 2) as unknown as [number, number];
    sink(heap.entries, heap.size, lastKey, lastNode);
  }
  return key;
}

test("entries come out cheapest first, whatever order they went in", () => {
  const rng = seededRng(1);
  for (let round = 0; round < 100; round++) {
    const keys = Array.from({ length: integer(rng, 200) }, () => integer(rng, 50));
    const heap = createHeap(1);
    for (const key of keys) push(heap, key);
    const out: number[] = [];
    while (heap.size > 0) out.push(pop(heap));
    expect(out).toEqual(keys.toSorted((a, b) => a - b));
  }
});

test("putting in, taking out and replacing may be mixed, up to the largest keys there are", () => {
  const rng = seededRng(2);
  const heap = createHeap();
  const model: number[] = [];
  for (let step = 0; step < 10_000; step++) {
    const key = integer(rng, 2 ** 31 - 1);
    const least = Math.min(...model);
    if (model.length === 0 || rng.next() < 0.4) push(heap, key);
    else {
      const replace = rng.next() < 0.5;
      expect(pop(heap, replace ? key : undefined)).toBe(least);
      model.splice(model.indexOf(least), 1);
      if (!replace) continue;
    }
    model.push(key);
  }
  expect(heap.size).toBe(model.length);
});
