import { seededRng } from "@net/core";
import type { ScoredCandidate } from "@net/routing";
import { expect, test } from "vitest";
import { bestOfEight } from "../../src/executor/best-of-eight.ts";

function scored(scoresUs: readonly number[]): ScoredCandidate[] {
  return scoresUs.map((scoreUs, index) => ({
    candidate: { peerId: `peer ${index}`, tools: [], capabilities: [] },
    ...{ scoreUs, speedUs: scoreUs, pending: 0 },
  }));
}

function picks(scoresUs: readonly number[], count: number): Map<string, number> {
  const rng = seededRng(1);
  const picked = new Map<string, number>();
  for (let round = 0; round < count; round++) {
    const { peerId } = bestOfEight(scored(scoresUs), { tool: "work", rng }).candidate;
    picked.set(peerId, (picked.get(peerId) ?? 0) + 1);
  }
  return picked;
}

test("of eight or fewer it is always the best", () => {
  expect([...picks([5, 3, 9, 1, 7, 2, 8, 4], 50)]).toEqual([["peer 3", 50]]);
  expect([...picks([5], 5)]).toEqual([["peer 0", 5]]);
});

test("those that are equal take turns at random", () => {
  const picked = picks([1, 1, 1, 2], 3_000);

  expect([...picked.keys()].sort()).toEqual(["peer 0", "peer 1", "peer 2"]);
  expect(Math.min(...picked.values())).toBeGreaterThan(850);
});

test("of more, the best one is not flooded", () => {
  const picked = picks(
    Array.from({ length: 32 }, (_, index) => index),
    4_000,
  );

  expect(picked.get("peer 0")).toBeGreaterThan(850);
  expect(picked.get("peer 0")).toBeLessThan(1_150);
});
