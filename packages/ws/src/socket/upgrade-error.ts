import {
  type Clock,
  ConnectionError,
  type NetworkError,
  ProtocolError,
  RateLimitError,
  toNetworkError,
} from "@net/core";

/** A server that answered the handshake with an HTTP status instead of a WebSocket. */
export function statusError(
  url: string,
  status: number,
  retryAfter: string | undefined,
  clock: Clock,
): NetworkError {
  const error = handshakeError(url, new Error(`Unexpected server response: ${status}`));
  const retryAfterMs = parseRetryAfter(retryAfter, clock);
  if (retryAfterMs === undefined) return error;
  const { message, retryable, cause, details } = error;
  if (status === 429) return new RateLimitError(message, { cause, details, retryAfterMs });
  return new ConnectionError(message, {
    code: error.code,
    phase: "handshake",
    retryable,
    cause,
    details: { ...details, retryAfterMs },
  });
}

/** A handshake that failed before there was a WebSocket. */
export function handshakeError(url: string, cause: Error): NetworkError {
  const context = { doing: "connect to", address: url, phase: "handshake" } as const;
  const error = toNetworkError(cause, context);
  // The library reports a wrong answer to the handshake in words only.
  if (error.code !== "INTERNAL") return error;
  return new ProtocolError(`cannot connect to ${url}: ${cause.message}`, { cause });
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function parseRetryAfter(value: string | undefined, clock: Clock): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - clock.nowMs();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
