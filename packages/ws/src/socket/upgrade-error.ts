import {
  AuthenticationError,
  type Clock,
  ConnectionError,
  type NetworkError,
  parseRetryAfterMs,
  RateLimitError,
  toNetworkError,
} from "@net/core";

/** What answered with an HTTP status instead of doing what it was asked. */
interface Answer {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined;
  readonly clock: Clock;
}

/** A server that answered the handshake with an HTTP status instead of a WebSocket. */
export function statusError(url: string, answer: Answer): NetworkError {
  return withRetryAfter(handshakeError(url, refusal(answer)), answer);
}

/** A proxy that answered with an HTTP status instead of opening a tunnel. */
export function proxyStatusError(origin: string, answer: Answer): NetworkError {
  const context = { doing: "pass the proxy", address: origin, phase: "connect" } as const;
  const error = withRetryAfter(toNetworkError(refusal(answer), context), answer);
  const { message, cause, details } = error;
  return answer.status === 407 ? new AuthenticationError(message, { cause, details }) : error;
}

/** A handshake that failed before there was a WebSocket. */
export function handshakeError(url: string, cause: Error): NetworkError {
  return toNetworkError(cause, { doing: "connect to", address: url, phase: "handshake" });
}

/** In the words of the `ws` library, which core understands. */
function refusal({ status }: Answer): Error {
  return new Error(`Unexpected server response: ${status}`);
}

function withRetryAfter(error: NetworkError, { status, retryAfter, clock }: Answer): NetworkError {
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
