/** What the `ws` library is told about messages that come in. */
export interface ReceiveLimits {
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
}

/** The smallest pieces a message may come in, on average; RFC conformance suites cut it no finer. */
const MIN_PART_BYTES = 64;
/** Small messages may still come in this many parts. */
const MIN_PARTS = 1_024;

/**
 * A fragment or chunk of one byte costs a hundred in memory, so their number is limited with the size. The library's
 * fixed 16,384 fragments would refuse honest messages of some megabytes, and fails cases of the Autobahn suite: 4 MiB
 * in fragments of 64 bytes.
 */
export function receiveLimits(maxPayload: number): ReceiveLimits {
  const parts = Math.max(MIN_PARTS, Math.ceil(maxPayload / MIN_PART_BYTES));
  return { maxPayload, maxFragments: parts, maxBufferedChunks: parts };
}
