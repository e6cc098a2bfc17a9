import {
  assertAmount,
  assertPositive,
  assertRatio,
  isAmount,
  isRatio,
  ValidationError,
} from "@net/core";
import { expect, test } from "vitest";

const noNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -1e-9];

test("an amount is a finite number of 0 or more", () => {
  for (const value of [0, -0, 0.5, 1, Number.MAX_VALUE]) {
    expect(isAmount(value)).toBe(true);
    expect(assertAmount(value, "delay")).toBe(value);
  }
  for (const value of noNumbers) {
    expect(isAmount(value)).toBe(false);
    expect(() => assertAmount(value, "delay")).toThrow(ValidationError);
  }
});

test("a positive number is an amount above 0", () => {
  expect(assertPositive(1e-9, "capacity")).toBe(1e-9);
  for (const value of [0, -0, ...noNumbers]) {
    expect(() => assertPositive(value, "capacity")).toThrow(ValidationError);
  }
});

test("a ratio is from 0 to 1, both included", () => {
  for (const value of [0, 0.5, 1]) {
    expect(isRatio(value)).toBe(true);
    expect(assertRatio(value, "loss")).toBe(value);
  }
  for (const value of [1.000001, ...noNumbers]) {
    expect(isRatio(value)).toBe(false);
    expect(() => assertRatio(value, "loss")).toThrow(ValidationError);
  }
});

test("what is no number at all is none of them", () => {
  for (const value of ["1", null, undefined, 1n, true, [1], {}]) {
    expect(isAmount(value)).toBe(false);
    expect(isRatio(value)).toBe(false);
  }
});

test("the error names what was wrong, what it was, and what would be right", () => {
  expect(() => assertAmount(-3, "delay")).toThrow(
    "delay must be a finite number of 0 or more, not -3",
  );
  expect(() => assertPositive(0, "capacity")).toThrow(
    "capacity must be a finite number above 0, not 0",
  );
  expect(() => assertRatio(2, "loss")).toThrow("loss must be a number from 0 to 1, not 2");
});
