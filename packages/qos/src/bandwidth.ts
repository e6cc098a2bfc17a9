import { assertPositive, ValidationError } from "@net/core";

const BYTES_PER_MB = 1e6;
/** What a bucket holds: at least a chunk, and what fills in 50 ms, so that late timers cost no bandwidth. */
const MIN_BURST_BYTES = 16 * 1024;
const BURST_MS = 50;

/** Bytes per second of a bandwidth in MB/s. */
export function bytesPerSecondOf(maxBandwidth: number): number {
  return maxBandwidth * BYTES_PER_MB;
}

/** How much may leave at once where `maxBandwidth`, in MB/s, limits it. */
export function burstOf(maxBandwidth: number): number {
  return Math.max(MIN_BURST_BYTES, (bytesPerSecondOf(maxBandwidth) * BURST_MS) / 1_000);
}

/** The bandwidth, if it is above 0 and can be counted with in bytes. @throws ValidationError naming `what`. */
export function assertBandwidth(maxBandwidth: number, what: string): number {
  assertPositive(maxBandwidth, what);
  if (burstOf(maxBandwidth) < Number.POSITIVE_INFINITY) return maxBandwidth;
  throw new ValidationError(`${what} must be a possible number of MB/s, not ${maxBandwidth}`);
}
