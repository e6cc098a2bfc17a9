import { expect, test } from "vitest";
import { AnswerTimes } from "../../src/liveness/answer-times.ts";

function after(...answersMs: readonly number[]): AnswerTimes {
  const times = new AnswerTimes();
  for (const answerMs of answersMs) times.answered(answerMs);
  return times;
}

const many = (ms: number): number[] => Array.from({ length: 100 }, () => ms);

test("before the first answer, help is sought within half a second, and suspicion comes within a second", () => {
  const { lateMs, suspectMs } = after();
  expect(lateMs).toBeGreaterThan(250);
  expect(lateMs).toBeLessThan(700);
  expect(suspectMs).toBeGreaterThan(lateMs);
  expect(suspectMs).toBeLessThanOrEqual(1_000);
});

test("the limits follow how long answers take", () => {
  const near = after(...many(1));
  const far = after(...many(300));
  expect(far.lateMs - near.lateMs).toBeGreaterThan(250);
  expect(far.lateMs).toBeGreaterThan(500);
  expect(near.suspectMs).toBeLessThan(900);
  expect(far.suspectMs).toBeGreaterThan(1_000);
});

test("suspicion never waits longer than 1.4 s, however slow the answers were", () => {
  expect(after(...many(10_000)).suspectMs).toBeLessThanOrEqual(1_400);
  expect(after(...many(1), 60_000).suspectMs).toBeLessThanOrEqual(1_400);
});

test("one answer that took very long does not make it blind", () => {
  const { lateMs, suspectMs } = after(...many(1), 60_000);
  expect(lateMs).toBeLessThan(600);
  expect(suspectMs).toBeLessThan(1_000);
});

test("φ rises while nothing comes: 1 at the one limit, 8 at the other", () => {
  const times = after(...many(20));
  expect(times.phi(times.lateMs)).toBeGreaterThanOrEqual(1);
  expect(times.phi(times.lateMs - 1)).toBeLessThan(1);
  expect(times.phi(times.suspectMs)).toBeGreaterThanOrEqual(8);
  expect(times.phi(times.suspectMs - 1)).toBeLessThan(8);
});
