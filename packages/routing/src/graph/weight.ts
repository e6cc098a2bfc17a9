/**
 * What a hop weighs in itself, in µs, besides its cost: so little that it only decides between ways of equal cost,
 * which it does in favour of fewer hops. A power of two, so that sums stay exact in a double up to 2⁴¹ µs (25 days);
 * with 4,096 hops or more on a way, those weigh as much as one µs.
 */
export const HOP_WEIGHT_US: number = 2 ** -12;

/** The cost of a way of that weight and so many hops. */
export function costOfWeight(weightUs: number, hops: number): number {
  return weightUs - hops * HOP_WEIGHT_US;
}
