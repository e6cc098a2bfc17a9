/**
 * The mean of values that all shrink with time at one rate, kept in constant time however many there are: as they shrink
 * alike, so does their sum.
 */
export class DecayingMean {
  readonly #decayTime: number;
  #count = 0;
  #sum = 0;
  /** When the sum was right. */
  #atMs = 0;

  /** @param decayTime after so long, in ms, a value has shrunk to a third (1/e). */
  constructor(decayTime: number) {
    this.#decayTime = decayTime;
  }

  /** How much is left at `nowMs` of a value of `atMs`: 0–1. */
  weight(atMs: number, nowMs: number): number {
    return Math.exp((atMs - nowMs) / this.#decayTime);
  }

  /** A value of this moment is one of them. */
  add(value: number, nowMs: number): void {
    this.#moveTo(nowMs);
    this.#count += 1;
    this.#sum += value;
  }

  /** A value that was added at `atMs` is none of them any more. */
  remove(value: number, atMs: number, nowMs: number): void {
    this.#moveTo(nowMs);
    this.#count -= 1;
    // What rounding leaves must not outlive the values.
    const left = Math.max(0, this.#sum - value * this.weight(atMs, nowMs));
    this.#sum = this.#count === 0 ? 0 : left;
  }

  /** 0 without values. */
  mean(nowMs: number): number {
    return this.#count === 0 ? 0 : (this.#sum * this.weight(this.#atMs, nowMs)) / this.#count;
  }

  #moveTo(nowMs: number): void {
    this.#sum *= this.weight(this.#atMs, nowMs);
    this.#atMs = nowMs;
  }
}
