import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { FlowCredit } from "../../src/channel/flow-credit.ts";

const KIB = 1_024;

test("credit goes beside a frame that leaves, and by itself only when none does", () => {
  const announced: number[] = [];
  const credit = new FlowCredit(new FakeClock(), (limitBytes) => announced.push(limitBytes));
  credit.leaving();
  // Of 32 KiB a sixteenth, and an eighth.
  credit.received(6 * KIB);
  credit.consumed(2 * KIB);
  expect(announced).toEqual([]);
  credit.leaving();
  credit.leaving();
  expect(announced).toEqual([34 * KIB]);
  credit.consumed(4 * KIB);
  expect(announced).toEqual([34 * KIB, 38 * KIB]);
  credit.leaving();
  expect(announced).toHaveLength(2);
});
