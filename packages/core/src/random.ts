/** Randomness, handed in: jitter and choices take it, so that tests and replays can seed it. Not for secrets. */
export interface Rng {
  /** A number in [0, 1). */
  next(): number;
}

/** The platform's own. Not for secrets. */
export const systemRng: Rng = { next: () => Math.random() };

/**
 * The same sequence for the same seed, on every platform: mulberry32 by Tommy Ettinger (public domain),
 * 2³² states, good enough for jitter, simulation and replays. Not for secrets.
 *
 * @param seed any integer; only its lowest 32 bits count.
 */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
