import { linkCostUs } from "@net/routing";
import { expect, test } from "vitest";
import { meshCostUs, metricsOf, stateOfPath } from "../../src/liveness/link-cost.ts";

const measured = { rttMs: 40, jitterMs: 5, lossRatio: 0.02 };
const costOf = (state: "alive" | "busy" | "suspect"): number =>
  meshCostUs(metricsOf(state, measured));

test("a link costs what it is worth while its other end answers", () => {
  expect(costOf("alive")).toBe(linkCostUs(measured));
});

test("a way says what its links do: over a suspect it is suspect, over seven busy ones it is busy", () => {
  expect(stateOfPath(costOf("alive") * 7)).toBe("alive");
  expect(stateOfPath(costOf("busy"))).toBe("busy");
  expect(stateOfPath(costOf("busy") * 7)).toBe("busy");
  expect(stateOfPath(costOf("suspect") + costOf("alive"))).toBe("suspect");
  expect(stateOfPath(undefined)).toBe("dead");
});

test("no link of this world is taken for a suspect's", () => {
  const worst = meshCostUs({ rttMs: 3_000, jitterMs: 1_000, lossRatio: 0.99, load: 0.99 });
  expect(stateOfPath(worst)).toBe("alive");
});

test("a link on which every probe so far was late is dear, but its other end no suspect", () => {
  const lost = { rttMs: 2_000, lossRatio: 1, load: 1 };
  expect(stateOfPath(meshCostUs(metricsOf("alive", lost)))).toBe("alive");
  expect(stateOfPath(meshCostUs(metricsOf("busy", lost)))).toBe("busy");
});
