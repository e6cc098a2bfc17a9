import { assertAmount, assertPositive } from "@net/core";

/** Akka and Cassandra keep a thousand intervals; a hundred follow a change of interval sooner. */
const WINDOW = 100;

export interface PhiDetectorOptions {
  /** What is expected before enough was heard, in ms. Default 1000. */
  readonly expectedInterval?: number;
  /** The least deviation assumed, in ms, so that a very regular peer is not suspected at once. Default 100. */
  readonly minDeviation?: number;
  /** A pause that is always forgiven, such as a garbage collection, in ms. Default 0. */
  readonly acceptablePause?: number;
}

/**
 * How much the silence of a peer suggests that it is gone: φ = −log₁₀ of the probability that it is silent this long and
 * still lives. 1 is wrong one time in ten, 8 one in a hundred million. Hayashibara et al., "The φ accrual failure
 * detector" (SRDS 2004), with the logistic approximation of the normal distribution that Akka uses.
 *
 * @example
 * ```ts
 * detector.heard(clock.monotonicMs()); // at each sign of life
 * if (detector.phi(clock.monotonicMs()) > 8) giveUp();
 * ```
 */
export class PhiDetector {
  readonly #intervals = new Float64Array(WINDOW);
  readonly #minDeviationMs: number;
  readonly #acceptablePauseMs: number;
  #count = 0;
  #heardAtMs: number | undefined;

  /** @throws ValidationError */
  constructor(options: PhiDetectorOptions = {}) {
    const { expectedInterval = 1_000, minDeviation = 100, acceptablePause = 0 } = options;
    assertPositive(expectedInterval, "expectedInterval");
    this.#minDeviationMs = assertPositive(minDeviation, "minDeviation");
    this.#acceptablePauseMs = assertAmount(acceptablePause, "acceptablePause");
    // As Akka does: two intervals that have the expected mean, and a quarter of it as deviation.
    this.#add(0.75 * expectedInterval);
    this.#add(1.25 * expectedInterval);
  }

  /** A regular sign of life. @throws ValidationError */
  heard(nowMs: number): void {
    assertAmount(nowMs, "nowMs");
    if (this.#heardAtMs !== undefined) this.#add(Math.max(0, nowMs - this.#heardAtMs));
    this.#heardAtMs = Math.max(nowMs, this.#heardAtMs ?? nowMs);
  }

  /** 0 and up, never falling while it is silent; 0 before the first sign of life. @throws ValidationError */
  phi(nowMs: number): number {
    assertAmount(nowMs, "nowMs");
    if (this.#heardAtMs === undefined) return 0;
    const { mean, deviation } = this.#statistics();
    const y = (nowMs - this.#heardAtMs - mean - this.#acceptablePauseMs) / deviation;
    // Φ(y) ≈ 1/(1 + e^−x): the probability to be silent longer is 1/(1 + e^x), of which the logarithm never overflows.
    const x = y * (1.5976 + 0.070566 * y * y);
    return (Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))) / Math.LN10;
  }

  #add(intervalMs: number): void {
    this.#intervals[this.#count % WINDOW] = intervalMs;
    this.#count += 1;
  }

  #statistics(): { readonly mean: number; readonly deviation: number } {
    const known = this.#intervals.subarray(0, Math.min(this.#count, WINDOW));
    const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
    const variance = known.reduce((sum, each) => sum + (each - mean) ** 2, 0) / known.length;
    return { mean, deviation: Math.max(this.#minDeviationMs, Math.sqrt(variance)) };
  }
}
