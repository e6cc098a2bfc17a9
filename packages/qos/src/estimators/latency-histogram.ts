import { assertAmount, ValidationError } from "@net/core";

/** What `createHistogram` of `node:perf_hooks` makes, as far as it is used here. */
export interface RecordableHistogram {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  record(value: number): void;
  percentile(percentile: number): number;
  reset(): void;
}

/** `createHistogram` of `node:perf_hooks`. Handed in, since this package runs where there is no Node. */
export type CreateHistogram = (options: {
  readonly lowest: number;
  readonly highest: number;
  readonly figures: 1 | 2 | 3 | 4 | 5;
}) => RecordableHistogram;

/** From 1 µs to 100 s, to 1 %: about 20 KB for each. */
const RANGE = { lowest: 1, highest: 100_000_000, figures: 2 } as const;
const US_PER_MS = 1_000;

/** How latencies are spread. Undefined values before the first record. */
export class LatencyHistogram {
  readonly #histogram: RecordableHistogram;

  constructor(createHistogram: CreateHistogram) {
    this.#histogram = createHistogram(RANGE);
  }

  get count(): number {
    return this.#histogram.count;
  }

  get minMs(): number | undefined {
    return this.#known(this.#histogram.min);
  }

  get maxMs(): number | undefined {
    return this.#known(this.#histogram.max);
  }

  get meanMs(): number | undefined {
    return this.#known(this.#histogram.mean);
  }

  /** Takes one latency; what is longer than 100 s counts as that. @throws ValidationError */
  record(latencyMs: number): void {
    assertAmount(latencyMs, "latencyMs");
    const us = Math.round(latencyMs * US_PER_MS);
    this.#histogram.record(Math.min(RANGE.highest, Math.max(RANGE.lowest, us)));
  }

  /** The latency that this share of all did not exceed. @param percent above 0, at most 100. @throws ValidationError */
  percentileMs(percent: number): number | undefined {
    if (!(percent > 0 && percent <= 100)) {
      throw new ValidationError(`percent must be above 0 and at most 100, not ${percent}`);
    }
    return this.#known(this.#histogram.percentile(percent));
  }

  reset(): void {
    this.#histogram.reset();
  }

  #known(us: number): number | undefined {
    return this.count === 0 ? undefined : us / US_PER_MS;
  }
}
