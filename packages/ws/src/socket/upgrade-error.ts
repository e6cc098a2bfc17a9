import {
  type Clock,
  ConnectionError,
  type NetworkError,
  ProtocolError,
  parseRetryAfterMs,
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
  const retryAfterMs = parseRetryAfterMs(retryAfter, clock.nowMs());
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
