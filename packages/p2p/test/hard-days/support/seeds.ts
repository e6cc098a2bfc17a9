/** With which seeds each scenario is played: one as a rule, `SEEDS=50` many. */
export const SEEDS: readonly number[] = Array.from(
  { length: Number(process.env.SEEDS ?? 1) },
  (_, index) => index + 1,
);
