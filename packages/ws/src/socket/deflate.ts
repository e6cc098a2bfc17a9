import type { Compression } from "./compression.ts";

/** What the `ws` library understands. */
export interface DeflateOptions {
  readonly threshold: number;
  readonly clientNoContextTakeover: boolean;
  readonly serverNoContextTakeover: boolean;
  readonly zlibDeflateOptions: { readonly level: number };
}

/**
 * Compression in the words of the `ws` library. Without context takeover a connection keeps no window between two
 * messages. The library checks `maxPayload` while it inflates, so that a bomb is given up when it is that large.
 */
export function deflateOptions(options: Compression): DeflateOptions {
  return {
    threshold: options.threshold,
    clientNoContextTakeover: !options.contextTakeover,
    serverNoContextTakeover: !options.contextTakeover,
    zlibDeflateOptions: { level: options.level },
  };
}
