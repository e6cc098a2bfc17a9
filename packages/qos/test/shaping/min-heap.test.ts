import fc from "fast-check";
import { expect, test } from "vitest";
import { MinHeap } from "../../src/shaping/min-heap.ts";

interface Item {
  readonly key: number;
  heapIndex: number;
}

test("the least is on top, whatever is added and taken out of the middle", () => {
  const action = fc.oneof(
    fc.record({ add: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ remove: fc.nat(100) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const heap = new MinHeap<Item>(({ key }) => key);
      const model: Item[] = [];
      for (const one of actions) {
        if ("add" in one) {
          const item = { key: one.add, heapIndex: -1 };
          heap.add(item);
          model.push(item);
        } else if (model.length > 0) {
          const [item] = model.splice(one.remove % model.length, 1) as [Item];
          heap.remove(item);
          heap.remove(item);
        }
        expect(heap.size).toBe(model.length);
        const least = model.length > 0 ? Math.min(...model.map(({ key }) => key)) : undefined;
        expect(heap.top?.key).toBe(least);
      }
    }),
    { seed: 43, numRuns: 200 },
  );
});
