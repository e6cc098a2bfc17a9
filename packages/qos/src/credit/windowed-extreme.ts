interface Sample {
  readonly value: number;
  readonly at: number;
}

/**
 * The greatest (or least) value of a window of time that moves, in constant memory: the best three samples, each newer
 * than the one before. Kathleen Nichols' algorithm, as in Linux' `lib/win_minmax.c`. The unit of `at` is the caller's.
 */
export class WindowedExtreme {
  readonly #length: number;
  /** 1 for the greatest, −1 for the least. */
  readonly #sign: 1 | -1;
  #best: Sample | undefined;
  #second: Sample | undefined;
  #third: Sample | undefined;

  constructor(kind: "max" | "min", length: number) {
    this.#sign = kind === "max" ? 1 : -1;
    this.#length = length;
  }

  get value(): number | undefined {
    return this.#best?.value;
  }

  record(value: number, at: number): void {
    const sample: Sample = { value, at };
    const isAllOld = this.#third === undefined || at - this.#third.at > this.#length;
    if (isAllOld || this.#beats(sample, this.#best)) {
      this.#best = sample;
      this.#second = sample;
      this.#third = sample;
      return;
    }
    if (this.#beats(sample, this.#second)) {
      this.#second = sample;
      this.#third = sample;
    } else if (this.#beats(sample, this.#third)) this.#third = sample;
    this.#age(sample);
  }

  /** The best one grows old: the next takes its place. Before that, younger ones are kept ready. */
  #age(sample: Sample): void {
    const age = sample.at - (this.#best as Sample).at;
    if (age > this.#length) {
      this.#best = this.#second;
      this.#second = this.#third;
      this.#third = sample;
      if (sample.at - (this.#best as Sample).at > this.#length) {
        this.#best = this.#second;
        this.#second = this.#third;
      }
    } else if (this.#second === this.#best && age > this.#length / 4) {
      this.#second = sample;
      this.#third = sample;
    } else if (this.#third === this.#second && age > this.#length / 2) this.#third = sample;
  }

  #beats({ value }: Sample, other: Sample | undefined): boolean {
    return other === undefined || (value - other.value) * this.#sign >= 0;
  }
}
