import {
  AuthenticationError,
  type CloseCode,
  type CloseReason,
  type CloseRequest,
  ConnectionError,
  type Link,
  NetworkError,
  type NetworkErrorOptions,
  NetworkTimeoutError,
  OverloadedError,
  PermissionError,
  ProtocolError,
} from "@net/core";
import { DEFAULT_LIMITS } from "../options/limits.ts";

// Why a handshake failed travels as the reason with which the link is closed, and becomes an error again there.

/** How long a handshake may take unless it is said otherwise, in ms. */
export const HANDSHAKE_TIMEOUT: number = DEFAULT_LIMITS.handshakeTimeout;

/** How long a refused end may take to hear why, in ms. */
const GOODBYE_TIMEOUT = 1_000;

/** Ends a link whose handshake failed: tells the other side why, unless nobody is there or nobody waits. */
export async function endHandshake(link: Link, error: unknown): Promise<void> {
  const request = closeRequestFor(error);
  if (request.code === "timeout" || request.code === "going-away") link.abort(request);
  else await link.close(request, { timeout: GOODBYE_TIMEOUT });
}

/** How an end says that it does not want the link. What only concerns this machine stays here. */
export function closeRequestFor(error: unknown): CloseRequest {
  const code = codeFor(error);
  const message = code === "internal" || !(error instanceof Error) ? "" : error.message;
  return { code, message };
}

function codeFor(error: unknown): CloseCode {
  if (!(error instanceof Error)) return "internal";
  if (AuthenticationError.is(error)) return "unauthorized";
  if (PermissionError.is(error)) return "refused";
  if (OverloadedError.is(error)) return "overloaded";
  if (ProtocolError.is(error)) return "protocol-error";
  if (NetworkTimeoutError.is(error) || NetworkTimeoutError.is(error.cause)) return "timeout";
  if (NetworkError.is(error, "CONFLICT")) return "replaced";
  if (NetworkError.is(error, "ABORTED") || NetworkError.is(error, "CLOSED")) return "going-away";
  return "internal";
}

/** What each reason of the other side is here; the others mean that the link was lost. */
const errors: Readonly<
  Partial<Record<CloseCode, (message: string, options: NetworkErrorOptions) => NetworkError>>
> = {
  unauthorized: (message, options) => new AuthenticationError(message, options),
  refused: (message, options) => new PermissionError(message, options),
  overloaded: (message, options) => new OverloadedError(message, options),
  "protocol-error": (message, options) => new ProtocolError(message, options),
  replaced: (message) => alreadyLinked(message),
};

/** The error behind the reason with which the other side ended a link that was not ready yet. */
export function errorOfClose({ code, message, error }: CloseReason, address: string): NetworkError {
  const ours: unknown = error;
  // It was this end that did not want what came.
  if (isRefusal(ours)) return ours;
  const said = `${address} did not take the link: ${message || code}`;
  const options = { details: { address, reason: code }, ...(error && { cause: error }) };
  const lost = { code: "CONNECTION_LOST", phase: "handshake" } as const;
  return errors[code]?.(said, options) ?? new ConnectionError(said, { ...options, ...lost });
}

/** Whether a handshake failed because one end did not want the other, or what it sent. */
export function isRefusal(error: unknown): error is NetworkError {
  return (
    AuthenticationError.is(error) ||
    PermissionError.is(error) ||
    OverloadedError.is(error) ||
    ProtocolError.is(error)
  );
}

/** There is a link to that peer, or one is being made: worth another try should that one end. */
export function alreadyLinked(message: string): NetworkError {
  return new NetworkError("CONFLICT", message, { retryable: true });
}

export function handshakeTimeout(address: string, timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`no handshake with ${address} within ${timeoutMs} ms`, {
    ...{ kind: "handshake", timeoutMs },
  });
}
