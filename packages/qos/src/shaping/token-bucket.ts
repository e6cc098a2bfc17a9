import { assertAmount, assertPositive } from "@net/core";

/** Never ask to wait less: what is shorter drowns in rounding, and whoever waits would spin. */
const MIN_WAIT_MS = 0.01;

export interface TokenBucketOptions {
  /** How fast it fills. */
  readonly bytesPerSecond: number;
  /** How much it holds: what may leave at once after a pause. */
  readonly burstBytes: number;
  /** The moment it begins, full; default 0. Times are those of one clock that never goes backwards. */
  readonly nowMs?: number;
}

/**
 * A token bucket, filled when it is asked: no timer, and the time is handed in. In any time `t` it lets at most
 * `rate · t + burst` bytes pass. A message larger than the burst passes when the bucket is full, and goes into debt:
 * those after it wait until the debt is paid. So none is too large ever to pass (with one, at most `rate · t + its
 * size`).
 */
export class TokenBucket {
  #bytesPerMs: number;
  #burst: number;
  #tokens: number;
  #filledAtMs: number;

  /** @throws ValidationError unless both amounts are finite and above 0, and the moment is finite and 0 or later. */
  constructor({ bytesPerSecond, burstBytes, nowMs = 0 }: TokenBucketOptions) {
    this.#bytesPerMs = assertPositive(bytesPerSecond, "bytesPerSecond") / 1_000;
    this.#burst = assertPositive(burstBytes, "burstBytes");
    this.#tokens = burstBytes;
    this.#filledAtMs = assertAmount(nowMs, "nowMs");
  }

  /** Bytes that may pass now; negative while it is in debt. Changes nothing. */
  available(nowMs: number): number {
    const elapsedMs = nowMs - this.#filledAtMs;
    if (!(elapsedMs > 0)) return this.#tokens;
    return Math.min(this.#burst, this.#tokens + elapsedMs * this.#bytesPerMs);
  }

  /** How long a message of that size must wait; 0: not at all. Changes nothing. */
  waitMs(bytes: number, nowMs: number): number {
    const missing = Math.min(bytes, this.#burst) - this.available(nowMs);
    return missing > 0 ? Math.max(MIN_WAIT_MS, missing / this.#bytesPerMs) : 0;
  }

  /** Takes the tokens for a message if it may pass now. @throws ValidationError */
  tryTake(bytes: number, nowMs: number): boolean {
    const tokens = this.available(nowMs);
    if (Math.min(bytes, this.#burst) > tokens) return false;
    this.#settle(tokens - assertAmount(bytes, "bytes"), nowMs);
    return true;
  }

  /** Takes the tokens of what leaves in any case, if need be as debt. @throws ValidationError */
  take(bytes: number, nowMs: number): void {
    this.#settle(this.available(nowMs) - assertAmount(bytes, "bytes"), nowMs);
  }

  /** Another rate and burst from now on; what was taken stays taken. @throws ValidationError; then it stays as it was. */
  reshape({ bytesPerSecond, burstBytes, nowMs = 0 }: TokenBucketOptions): void {
    assertPositive(bytesPerSecond, "bytesPerSecond");
    assertPositive(burstBytes, "burstBytes");
    const tokens = this.available(nowMs);
    this.#bytesPerMs = bytesPerSecond / 1_000;
    this.#burst = burstBytes;
    this.#settle(Math.min(this.#burst, tokens), nowMs);
  }

  #settle(tokens: number, nowMs: number): void {
    this.#tokens = tokens;
    if (nowMs > this.#filledAtMs) this.#filledAtMs = nowMs;
  }
}
