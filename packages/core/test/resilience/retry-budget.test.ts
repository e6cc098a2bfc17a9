import { RetryBudget, retry, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

function drain(budget: RetryBudget): number {
  let taken = 0;
  while (budget.tryTake()) taken++;
  return taken;
}

test("a quiet client has its reserve: ten a second, over ten seconds", () => {
  expect(drain(new RetryBudget({ clock: new FakeClock() }))).toBe(100);
});

test("each success allows a fifth of a retry more", () => {
  const budget = new RetryBudget({ minPerSecond: 0, clock: new FakeClock() });
  for (let i = 0; i < 50; i++) budget.giveBack();

  expect(budget.available).toBe(10);
  expect(drain(budget)).toBe(10);
});

test("successes and retries count for the window only", async () => {
  const clock = new FakeClock();
  const budget = new RetryBudget({ minPerSecond: 1, window: 1_000, ratio: 1, clock });
  budget.giveBack();
  expect(drain(budget)).toBe(2);

  await clock.advance(1_000);

  expect(drain(budget)).toBe(1);
  await clock.advance(60_000);
  expect(drain(budget)).toBe(1);
});

test("retry stops where the budget is used up", async () => {
  const clock = new FakeClock();
  const budget = new RetryBudget({ minPerSecond: 0.2, window: 10_000, clock });
  let tries = 0;
  const failing = (): never => {
    tries++;
    throw new Error("again");
  };

  const outcome = retry(failing, {
    retries: 9,
    budget,
    clock,
    classify: () => "retry",
    rng: { next: () => 0 },
  }).catch(String);
  await clock.advance(0);

  expect(await outcome).toContain("again");
  expect(tries).toBe(3);
});

test.each([{ ratio: -1 }, { minPerSecond: Number.NaN }, { window: 0 }])(
  "%o is refused",
  (options) => {
    expect(() => new RetryBudget(options)).toThrow(ValidationError);
  },
);
