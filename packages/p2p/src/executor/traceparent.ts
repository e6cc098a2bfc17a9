import type { Rng } from "@net/core";

const TRACEPARENT = /^(?<head>00-(?!0{32})[\da-f]{32})-(?!0{16})[\da-f]{16}-(?<flags>[\da-f]{2})$/;

/**
 * The `traceparent` of a child: the same trace, with a parent id of its own (W3C Trace Context, 3.2.2.4 and 4.3).
 *
 * @returns undefined if `traceparent` is none of version 00.
 */
export function childTraceparent(traceparent: string, rng: Rng): string | undefined {
  const groups = TRACEPARENT.exec(traceparent)?.groups;
  return groups && `${groups.head}-${spanId(rng)}-${groups.flags}`;
}

/** 16 hexadecimal digits, not all of them zero. */
function spanId(rng: Rng): string {
  const half = (): string =>
    Math.floor(rng.next() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const id = half() + half();
  return /^0+$/.test(id) ? "0000000000000001" : id;
}
