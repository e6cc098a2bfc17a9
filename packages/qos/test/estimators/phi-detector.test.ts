import { seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { PhiDetector } from "../../src/estimators/phi-detector.ts";

/** A peer that is heard every second, give or take. */
function regular(spread: number, options = {}): { detector: PhiDetector; lastMs: number } {
  const detector = new PhiDetector(options);
  const rng = seededRng(9);
  let nowMs = 0;
  for (let i = 0; i < 300; i++) {
    detector.heard(nowMs);
    nowMs += 1_000 + (rng.next() - 0.5) * spread;
  }
  detector.heard(nowMs);
  return { detector, lastMs: nowMs };
}

test("nothing is suspected before the first sign of life", () => {
  expect(new PhiDetector().phi(1e9)).toBe(0);
});

test("suspicion grows with silence, and is below 1 while the next sign is not overdue", () => {
  const { detector, lastMs } = regular(100);
  let before = 0;
  for (let silentMs = 0; silentMs < 100_000; silentMs += 50) {
    const phi = detector.phi(lastMs + silentMs);
    expect(phi).toBeGreaterThanOrEqual(before);
    before = phi;
  }
  expect(detector.phi(lastMs + 1_000)).toBeLessThan(1);
  expect(detector.phi(lastMs + 2_000)).toBeGreaterThan(8);
  expect(Number.isFinite(detector.phi(lastMs + 1e12))).toBe(true);
});

test("phi is −log₁₀ of the probability of such a silence, as the normal distribution has it", () => {
  // Mean 1000 and deviation 100 (the least): one deviation later, 15.87 % still live; two, 2.275 %; three, 0.135 %.
  const { detector, lastMs } = regular(0);
  const expected = [
    [1_000, 0.5],
    [1_100, 0.1587],
    [1_200, 0.02275],
    [1_300, 0.00135],
  ] as const;
  for (const [silentMs, probability] of expected) {
    expect(detector.phi(lastMs + silentMs)).toBeCloseTo(-Math.log10(probability), 1);
  }
});

test("a peer that is irregular is given more time", () => {
  const steady = regular(10);
  const swinging = regular(1_500);
  expect(swinging.detector.phi(swinging.lastMs + 1_800)).toBeLessThan(
    steady.detector.phi(steady.lastMs + 1_800) / 3,
  );
});

test("it follows a peer that changes its interval", () => {
  const { detector, lastMs } = regular(10);
  for (let i = 1; i <= 150; i++) detector.heard(lastMs + i * 5_000);
  expect(detector.phi(lastMs + 150 * 5_000 + 4_900)).toBeLessThan(1);
});

test("an acceptable pause is forgiven", () => {
  const { detector, lastMs } = regular(10, { acceptablePause: 3_000 });
  expect(detector.phi(lastMs + 3_500)).toBeLessThan(1);
});

test("a clock that jumps back is no sign of death, nor of anything else", () => {
  const { detector, lastMs } = regular(10);
  detector.heard(0);
  expect(detector.phi(lastMs + 500)).toBeLessThan(0.5);
  expect(detector.phi(0)).toBeLessThan(0.5);
});

test("wrong options, and moments that are none, are ValidationErrors", () => {
  expect(() => new PhiDetector().heard(Number.NaN)).toThrow(ValidationError);
  expect(() => new PhiDetector().phi(Number.NaN)).toThrow(ValidationError);
  for (const options of [{ expectedInterval: 0 }, { minDeviation: 0 }, { acceptablePause: -1 }]) {
    expect(() => new PhiDetector(options)).toThrow(ValidationError);
  }
});
