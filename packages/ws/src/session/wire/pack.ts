import { MAX_BATCH_BYTES } from "./limits.ts";

/** A UTF-16 unit is at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * How many of these encoded envelopes, from `start` on, go into one frame: as many as surely fit the link and a batch,
 * and one at least.
 */
export function countForFrame(
  envelopes: readonly string[],
  start: number,
  maxFrameBytes: number,
): number {
  const limit = Math.min(maxFrameBytes, MAX_BATCH_BYTES);
  let bytes = 2;
  let end = start;
  while (end < envelopes.length) {
    bytes += (envelopes[end] as string).length * MAX_BYTES_PER_UNIT + 1;
    if (end > start && bytes > limit) break;
    end++;
  }
  return end - start;
}
