import { ValidationError } from "@net/core";

/** How messages are compressed (permessage-deflate, RFC 7692). */
export interface CompressionOptions {
  /** Smaller messages are sent as they are, in bytes. Default 1024. */
  readonly threshold?: number | undefined;
  /** From 1, the fastest, to 9, the smallest. Default 6. */
  readonly level?: number | undefined;
  /**
   * Lets a message refer to those before it: smaller messages, and some 300 KB of memory for each connection. Default
   * false.
   */
  readonly contextTakeover?: boolean | undefined;
}

/** The same with every default in place. */
export interface Compression {
  readonly threshold: number;
  readonly level: number;
  readonly contextTakeover: boolean;
}

/** The options, checked; undefined for no compression. @throws ValidationError naming what is out of range. */
export function compressionOf(option: boolean | CompressionOptions): Compression | undefined {
  if (option === false) return undefined;
  const { threshold, level, contextTakeover } = option === true ? {} : option;
  return {
    threshold: wholeFrom(0, Number.MAX_SAFE_INTEGER, "threshold", threshold ?? 1_024),
    level: wholeFrom(1, 9, "level", level ?? 6),
    contextTakeover: contextTakeover ?? false,
  };
}

function wholeFrom(least: number, most: number, name: string, value: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ValidationError(
    `perMessageDeflate.${name} must be a whole number from ${least} to ${most}, not ${value}`,
  );
}
