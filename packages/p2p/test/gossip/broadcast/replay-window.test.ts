import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplayWindow, WINDOW } from "../../../src/gossip/broadcast/replay-window.ts";

test("any row of numbers passes once each, unless it is below the window", () => {
  const jump = fc.oneof(
    fc.integer({ min: -200, max: 200 }),
    fc.integer({ min: -9_000, max: 9_000 }),
  );
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.array(jump, { maxLength: 300 }), (floor, jumps) => {
      const window = new ReplayWindow(floor);
      const seen = new Set<number>();
      let [highest, seq] = [floor, floor + 1];
      for (const step of jumps) {
        seq = Math.max(0, seq + step);
        const isOld = seq <= floor || seq <= highest - WINDOW;
        expect(window.has(seq)).toBe(isOld || seen.has(seq));
        if (!window.has(seq)) window.add(seq);
        seen.add(seq);
        highest = Math.max(highest, seq);
      }
    }),
    { numRuns: 60 },
  );
});

test("what a raised floor covers counts as seen", () => {
  const window = new ReplayWindow(10);
  expect([10, 11].map((seq) => window.has(seq))).toEqual([true, false]);
  window.raise(20);
  window.raise(15);

  expect([20, 21].map((seq) => window.has(seq))).toEqual([true, false]);
});
