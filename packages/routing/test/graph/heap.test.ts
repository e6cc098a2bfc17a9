import { seededRng } from "@net/core";
import { expect, test } from "vitest";
import { MinHeap } from "../src/heap.ts";
import { integer } from "./graphs.ts";

test("entries come out cheapest first, whatever order they went in", () => {
  const rng = seededRng(1);
  for (let round = 0; round < 100; round++) {
    const costs = Array.from({ length: integer(rng, 200) }, () => integer(rng, 50));
    const heap = new MinHeap(costs.length);
    for (const [node, cost] of costs.entries()) heap.push(cost, node);
    const out: number[] = [];
    while (heap.size > 0) out.push(costs[heap.pop()] as number);
    expect(out).toEqual(costs.toSorted((a, b) => a - b));
  }
});

test("pushes and pops may be mixed", () => {
  const rng = seededRng(2);
  const heap = new MinHeap(1_000);
  const model: number[] = [];
  for (let step = 0; step < 5_000; step++) {
    if (model.length < 1_000 && (model.length === 0 || rng.next() < 0.5)) {
      const cost = integer(rng, 1_000);
      heap.push(cost, cost);
      model.push(cost);
    } else {
      const least = Math.min(...model);
      expect(heap.minCost).toBe(least);
      expect(heap.pop()).toBe(least);
      model.splice(model.indexOf(least), 1);
    }
  }
  expect(heap.size).toBe(model.length);
});

test("an empty heap has no cheapest entry", () => {
  expect(new MinHeap(1).minCost).toBe(Number.POSITIVE_INFINITY);
});
