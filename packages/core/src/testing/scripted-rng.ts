import { ValidationError } from "../errors/kinds.ts";
import type { Rng } from "../random.ts";

/**
 * Randomness that says what it is told: each value once, in this order.
 *
 * @throws ValidationError if a value is not in [0, 1); `next` does when all values were drawn.
 * @example
 * ```ts
 * const backoff = exponential({ initial: 1_000 });
 * expect(backoff(1, scriptedRng([0.5]))).toBe(500);
 * ```
 */
export function scriptedRng(values: readonly number[]): Rng {
  const wrong = values.find((value) => !(value >= 0 && value < 1));
  if (wrong !== undefined) throw new ValidationError(`${wrong} is not in [0, 1)`);
  let drawn = 0;
  return {
    next() {
      const value = values[drawn++];
      if (value !== undefined) return value;
      throw new ValidationError(
        `the script has ${values.length} random numbers, and all are drawn`,
      );
    },
  };
}
