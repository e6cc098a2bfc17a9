// When to come back, in the reason of a WebSocket close frame: `retryAfterMs=1500 updating`. It stands first, so that a
// reason that is cut to the frame's 123 bytes (RFC 6455 §5.5) keeps it. PROTOCOL.md has the words.

const grammar = /^retryAfterMs=(\d{1,9})(?: |$)/;
const MAX_HINT_MS = 999_999_999;

/** A close reason that says when to come back, in ms. */
export function withRetryHint(reason: string, retryAfterMs: number): string {
  const hint = `retryAfterMs=${Math.min(MAX_HINT_MS, Math.ceil(retryAfterMs))}`;
  return reason === "" ? hint : `${hint} ${reason}`;
}

/** When a close reason says to come back, in ms; undefined if it says nothing of it. */
export function retryHintOf(reason: string): number | undefined {
  const digits = grammar.exec(reason)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
