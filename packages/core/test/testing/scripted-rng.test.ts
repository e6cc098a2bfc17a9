import { ValidationError } from "@net/core";
import { scriptedRng } from "@net/core/testing";
import { expect, test } from "vitest";

test("says each value once, in order, and then that there are no more", () => {
  const rng = scriptedRng([0, 0.5]);

  expect([rng.next(), rng.next()]).toEqual([0, 0.5]);
  expect(() => rng.next()).toThrow("the script has 2 random numbers, and all are drawn");
});

test.each([1, -0.1, Number.NaN])("%d is no random number", (value) => {
  expect(() => scriptedRng([0.5, value])).toThrow(ValidationError);
});
