import {
  AuthenticationError,
  ConnectionError,
  type ErrorContext,
  type NetworkError,
  ProtocolError,
  toNetworkError,
} from "@net/core";

/** Undici, on a proxy that does not let a tunnel or a request through. */
const refusedByProxy = /^Proxy (?:response \((\d{3})\)|Authentication Required \((407)\))/;

/** Undici, on a status below 100: an assertion of its own. */
const badStatus = /assert\(statusCode >= 100\)/;

/** What went wrong on the wire, as one of ours: undici reports a proxy's refusal as an abort or a bad argument. */
export function wireError(error: Error, context: ErrorContext): NetworkError {
  if (badStatus.test(error.message)) {
    return new ProtocolError(`bad answer from ${context.address}: its status is none`, {
      cause: error,
    });
  }
  const [, tunnel, plain] = refusedByProxy.exec(error.message) ?? [];
  const status = Number(tunnel ?? plain);
  if (!status) return toNetworkError(error, context);
  const message = `cannot ${context.doing} ${context.address}: the proxy answered with status ${status}`;
  const options = { cause: error, details: { status } };
  if (status === 407) return new AuthenticationError(message, options);
  return new ConnectionError(message, { ...options, phase: "handshake", retryable: status >= 500 });
}
