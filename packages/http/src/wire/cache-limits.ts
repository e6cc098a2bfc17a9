import type { CacheOptions } from "../options/connection-options.ts";
import { assertCount } from "../options/count.ts";

interface CacheLimits {
  readonly maxCount: number;
  readonly maxSize: number;
  readonly maxEntrySize: number;
}

const MIB = 1024 * 1024;

/** The limits of a cache as undici's store takes them. @throws ValidationError naming the one that is out of range. */
export function cacheLimits(cache: CacheOptions): CacheLimits {
  const { maxEntries = 1_024, maxBytes = 100 * MIB, maxEntryBytes = 5 * MIB } = cache;
  return {
    maxCount: assertCount(maxEntries, "cache.maxEntries"),
    maxSize: assertCount(maxBytes, "cache.maxBytes"),
    maxEntrySize: assertCount(maxEntryBytes, "cache.maxEntryBytes"),
  };
}
